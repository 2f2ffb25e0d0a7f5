/** What the schemas of the document are made of. */
import { z } from 'zod'

/**
 * An object that keeps the keys it does not know, and yet is typed by the known ones alone: who
 * writes a document has his misspelt keys refused by the compiler.
 */
export function open<Shape extends z.ZodRawShape>(shape: Shape): z.ZodObject<Shape> {
  return z.looseObject(shape)
}

// zod's numbers are finite: a NaN, an Infinity or a 1e999 is no figure.
export const figure = z.number()
export const share = z.number().min(0)
export const amount = z.number().min(0)
export const count = z.int().min(0)
export const text = z.string()
