/** Events. In Espruino every object can carry listeners. */

/**
 * An object with listeners. `Events` maps an event's name to its arguments:
 * `const door = {} as Emitter<{ opened: [byWhom: string] }>`.
 *
 * `emit` queues the listeners: they run after the current code, and before timers. No member returns the object, and
 * there is no `once`.
 */
interface Emitter<Events extends { [Name in keyof Events]: any[] }> {
  addListener<Name extends keyof Events>(event: Name, listener: (...args: Events[Name]) => void): void;
  /** Throws when given more than four arguments. */
  emit<Name extends keyof Events>(event: Name, ...args: Events[Name]): void;
  on<Name extends keyof Events>(event: Name, listener: (...args: Events[Name]) => void): void;
  prependListener<Name extends keyof Events>(event: Name, listener: (...args: Events[Name]) => void): void;
  removeAllListeners(event?: keyof Events): void;
  removeListener<Name extends keyof Events>(event: Name, listener: (...args: Events[Name]) => void): void;
}
