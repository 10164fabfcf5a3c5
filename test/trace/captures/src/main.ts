import { measure } from "./sensor";

print("größer als ASCII");

interface Reading {
  value: { raw: number };
}

function rawOf(reading: Reading): number {
  return reading.value.raw; // @named | .raw | raw;
}

class Station {
  reading: Reading;
  constructor(reading: Reading) {
    this.reading = reading;
  }
  report(): number {
    return rawOf(this.reading); // @method | ); | rawOf
  }
}

const visitAll = (items: number[], visit: (item: number) => void): void => {
  visit(items.length); // @visitor | ); | visit
};

const station = new Station({} as Reading);

setTimeout(() => {
  station.report(); // @timer | ); | report
}, 10);
setTimeout(() => {
  [1].forEach((item) => { // @each-start | - | forEach
    throw new Error("anonymous " + item); // @anonymous | ); | new
  }); // @each-end | ); | -
}, 20);
setTimeout(() => {
  Promise.resolve(3).then((value) => {
    throw new Error("in then " + value); // @promise | ); | new
  });
}, 30);
setTimeout(() => {
  print(measure("wärme")); // @caller | )); | measure
}, 40);
setTimeout(() => {
  visitAll([1], (item) => rawOf({} as Reading)); // @callback | )); | rawOf @callback-call | ); | visitAll
}, 50);
setTimeout(() => {
  Promise.resolve(1).then((_) => rawOf({} as Reading)); // @reaction | )); | rawOf
}, 60);
setTimeout(() => print("end"), 100);
