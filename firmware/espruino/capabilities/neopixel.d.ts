/** Addressable LEDs. */

interface NeopixelModule {
  /** Three bytes a light, mostly in the order green, red, blue. */
  write(pin: Pin, data: string | ArrayBuffer | ArrayLike<number>): void;
}

interface EspruinoModules {
  neopixel: NeopixelModule;
}
