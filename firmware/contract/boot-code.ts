/** The file that Espruino runs at each start, and the marker by which motekit recognizes its own version. */
export const BOOT_CODE_FILE = ".bootcde";
/** Its first bytes. The number changes with the layout of slots that it reads. */
export const BOOT_CODE_MARK = "//motekit boot 1\n";
