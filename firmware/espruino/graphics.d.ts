/** Drawing into memory or through a function of one's own. Antialiased drawing is not on ESP32. */

/** A number in the drawing's own format, or `"#rrggbb"`. */
type GraphicsColor = number | string;

interface GraphicsRectangle {
  x: number;
  y: number;
  x2?: number;
  y2?: number;
  w?: number;
  h?: number;
}

interface GraphicsImage {
  width: number;
  height: number;
  bpp?: number;
  buffer: string | ArrayBuffer;
  transparent?: number;
  palette?: ArrayBufferView;
}

interface GraphicsBufferOptions {
  zigzag?: boolean;
  vertical_byte?: boolean;
  msb?: boolean;
  interleavex?: boolean;
  color_order?: "rgb" | "rbg" | "brg" | "bgr" | "grb" | "gbr";
  buffer?: ArrayBuffer;
}

interface GraphicsDriver {
  setPixel(x: number, y: number, color: number): void;
  fillRect?(x1: number, y1: number, x2: number, y2: number, color: number): void;
}

interface GraphicsTheme {
  fg: number;
  bg: number;
  fg2: number;
  bg2: number;
  fgH: number;
  bgH: number;
  dark: boolean;
}

/** A drawing area. Members that return a `Graphics` return the same object. */
interface Graphics {
  /** The memory, of a drawing that `createArrayBuffer` made. */
  readonly buffer?: ArrayBuffer;
  /** Sends the drawing to the display. The driver of a display adds it. */
  flip?(all?: boolean): void;
  readonly theme: GraphicsTheme;
  asBMP(): string;
  asImage(type?: "object"): GraphicsImage;
  asImage(type: "string"): string;
  asURL(): string;
  blit(options: {
    x1: number;
    y1: number;
    w: number;
    h: number;
    x2: number;
    y2: number;
    setModified?: boolean;
  }): Graphics;
  /** `true` also resets colors, font and rotation. */
  clear(reset?: boolean): Graphics;
  clearRect(rectangle: GraphicsRectangle): Graphics;
  clearRect(x1: number, y1: number, x2: number, y2: number): Graphics;
  drawCircle(x: number, y: number, radius: number): Graphics;
  drawEllipse(x1: number, y1: number, x2: number, y2: number): Graphics;
  drawImage(
    image: GraphicsImage | string | ArrayBuffer,
    x: number,
    y: number,
    options?: { rotate?: number; scale?: number; frame?: number },
  ): Graphics;
  drawLine(x1: number, y1: number, x2: number, y2: number): Graphics;
  drawPoly(vertices: ArrayLike<number>, closed?: boolean): Graphics;
  drawRect(rectangle: GraphicsRectangle): Graphics;
  drawRect(x1: number, y1: number, x2: number, y2: number): Graphics;
  drawString(text: string | number, x: number, y: number, solid?: boolean): Graphics;
  /** Prints the drawing on the console, as an image in a `data:` address. */
  dump(): void;
  fillCircle(x: number, y: number, radius: number): Graphics;
  fillEllipse(x1: number, y1: number, x2: number, y2: number): Graphics;
  fillPoly(vertices: ArrayLike<number>): Graphics;
  fillRect(rectangle: GraphicsRectangle): Graphics;
  fillRect(x1: number, y1: number, x2: number, y2: number): Graphics;
  floodFill(x: number, y: number, color?: GraphicsColor): Graphics;
  getBPP(): number;
  getBgColor(): number;
  getColor(): number;
  getFont(): string;
  getFontHeight(): number;
  getFonts(): string[];
  getHeight(): number;
  getModified(reset?: boolean): { x1: number; y1: number; x2: number; y2: number } | undefined;
  getPixel(x: number, y: number): number;
  getVectorFontPolys(
    text: string,
    options?: { x?: number; y?: number; w?: number; h?: number },
  ): ArrayLike<number>[];
  getWidth(): number;
  imageMetrics(
    image: GraphicsImage | string | ArrayBuffer,
  ): { width: number; height: number; bpp: number } | undefined;
  lineTo(x: number, y: number): Graphics;
  moveTo(x: number, y: number): Graphics;
  quadraticBezier(vertices: ArrayLike<number>, points?: number): number[];
  reset(): Graphics;
  scroll(x: number, y: number): Graphics;
  setBgColor(color: GraphicsColor): Graphics;
  setBgColor(red: number, green: number, blue: number): Graphics;
  setClipRect(x1: number, y1: number, x2: number, y2: number): Graphics;
  /** Three numbers are parts from 0 to 1. */
  setColor(color: GraphicsColor): Graphics;
  setColor(red: number, green: number, blue: number): Graphics;
  setFont(name: string, size?: number): Graphics;
  setFontAlign(x: -1 | 0 | 1, y?: -1 | 0 | 1, rotation?: 0 | 1 | 2 | 3): Graphics;
  setFontBitmap(): Graphics;
  setFontCustom(
    bitmap: string | ArrayBuffer,
    firstChar: number,
    width: number | string,
    height: number,
  ): Graphics;
  setFontVector(height: number): Graphics;
  setOffset(x: number, y: number): Graphics;
  setPixel(x: number, y: number, color?: GraphicsColor): Graphics;
  setRotation(quarterTurns: 0 | 1 | 2 | 3, reflect?: boolean): Graphics;
  setTheme(theme: Partial<GraphicsTheme>): Graphics;
  stringMetrics(text: string): { width: number; height: number };
  stringWidth(text: string): number;
  toColor(color: GraphicsColor): number;
  toColor(red: number, green: number, blue: number): number;
  transformVertices(
    vertices: ArrayLike<number>,
    transformation: { x?: number; y?: number; scale?: number; rotate?: number } | ArrayLike<number>,
  ): number[];
  wrapString(text: string, widthMax: number): string[];
}

interface GraphicsConstructor {
  createArrayBuffer(
    width: number,
    height: number,
    bitsPerPixel: number,
    options?: GraphicsBufferOptions,
  ): Graphics;
  createCallback(
    width: number,
    height: number,
    bitsPerPixel: number,
    driver: GraphicsDriver | GraphicsDriver["setPixel"],
  ): Graphics;
  /** From lines of text: a space or a point is 0, all else 1. */
  createImage(picture: string): GraphicsImage;
  /** The display that the board comes with; most have none. */
  getInstance(): Graphics | undefined;
}

declare var Graphics: GraphicsConstructor;
