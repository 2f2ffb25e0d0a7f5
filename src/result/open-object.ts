import { z } from 'zod'

/**
 * An object that keeps the keys it does not know, and yet is typed by the known ones alone: who
 * writes a document has his misspelt keys refused by the compiler.
 */
export function open<Shape extends z.ZodRawShape>(shape: Shape): z.ZodObject<Shape> {
  return z.looseObject(shape)
}
