/** The third serial port and the second SPI and I2C, which ESP32 and ESP32-S3 have and ESP32-C3 has not. */

declare var Serial3: Serial;
declare var SPI2: SPI;
declare var I2C2: I2C;
