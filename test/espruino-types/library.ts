import { readdirSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";

const projectRoot = fileURLToPath(new URL("../..", import.meta.url));
export const libraryFolder = join(projectRoot, "firmware/espruino");

/** Declarations of what the board has not: the build supplies it, or only the type checker asks for it. */
const filesOfTheBuild = new Set(["fills.d.ts", "iteration.d.ts", "utility-types.d.ts"]);

export function capabilityNames(): string[] {
  return readdirSync(join(libraryFolder, "capabilities"))
    .map((file) => basename(file, ".d.ts"))
    .sort();
}

export function libraryFiles(capabilities: readonly string[]): string[] {
  const always = readdirSync(libraryFolder).filter((file) => file.endsWith(".d.ts"));
  return [...always, ...capabilities.map((name) => `capabilities/${name}.d.ts`)].map((file) =>
    join(libraryFolder, file),
  );
}

/** The firmware's compiler options, with the declaration files checked too. */
export function firmwareOptions(): ts.CompilerOptions {
  const file = join(projectRoot, "firmware/tsconfig.json");
  const parsed = ts.parseJsonConfigFileContent(
    ts.readConfigFile(file, ts.sys.readFile).config,
    ts.sys,
    dirname(file),
  );
  return { ...parsed.options, skipLibCheck: false, noEmit: true, composite: false };
}

/** Compiles snippets by name, each a module of its own, and gives the messages of each. */
export function compile(
  snippets: Readonly<Record<string, string>>,
  capabilities: readonly string[],
): Map<string, string[]> {
  const options = firmwareOptions();
  const host = ts.createCompilerHost(options);
  const sources = new Map(
    Object.entries(snippets).map(([name, text], index) => [
      join(projectRoot, "firmware", `snippet-${index}.ts`),
      { name, text: `${text}\nexport {};\n` },
    ]),
  );
  const { fileExists, getSourceFile, readFile } = host;
  host.fileExists = (file) => sources.has(file) || fileExists(file);
  host.readFile = (file) => sources.get(file)?.text ?? readFile(file);
  host.getSourceFile = (file, ...rest) => {
    const source = sources.get(file);
    return source
      ? ts.createSourceFile(file, source.text, ts.ScriptTarget.ES2022, true)
      : getSourceFile(file, ...rest);
  };
  const program = ts.createProgram([...libraryFiles(capabilities), ...sources.keys()], options, host);
  const messages = new Map<string, string[]>();
  for (const [file, { name }] of sources)
    messages.set(name, messagesOf(program, program.getSourceFile(file)));
  messages.set("library", [
    ...program.getGlobalDiagnostics().map(textOf),
    ...libraryFiles(capabilities).flatMap((file) => messagesOf(program, program.getSourceFile(file))),
  ]);
  return messages;
}

function messagesOf(program: ts.Program, file: ts.SourceFile | undefined): string[] {
  return [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)].map(textOf);
}

function textOf(diagnostic: ts.Diagnostic): string {
  return ts.flattenDiagnosticMessageText(diagnostic.messageText, "\n");
}

export interface Member {
  readonly name: string;
  readonly isMethod: boolean;
}

export interface Global {
  readonly name: string;
  readonly typeName: string;
  readonly isFunction: boolean;
}

/** The library's declarations as the interpreter must have them. */
export class Library {
  private readonly checker: ts.TypeChecker;
  private readonly files: ts.SourceFile[];

  constructor(capabilities: readonly string[]) {
    const names = libraryFiles(capabilities);
    const program = ts.createProgram(names, firmwareOptions());
    this.checker = program.getTypeChecker();
    this.files = names
      .filter((name) => !filesOfTheBuild.has(basename(name)))
      .map((name) => program.getSourceFile(name))
      .filter((file) => file !== undefined);
  }

  globals(): Global[] {
    return this.files.flatMap((file) =>
      file.statements.flatMap((statement): Global[] => {
        if (ts.isFunctionDeclaration(statement) && statement.name)
          return [{ name: statement.name.text, typeName: "", isFunction: true }];
        if (!ts.isVariableStatement(statement)) return [];
        return statement.declarationList.declarations
          .filter(({ type }) => !type || type.kind !== ts.SyntaxKind.TypeOperator)
          .map((declaration) => ({
            name: declaration.name.getText(file),
            typeName: declaration.type?.getText(file) ?? "",
            isFunction: false,
          }));
      }),
    );
  }

  /** Names of interfaces that have a member which can be called, or whose members the interpreter must have. */
  interfaces(): string[] {
    const names = this.files.flatMap((file) =>
      file.statements.filter(ts.isInterfaceDeclaration).map((statement) => statement.name.text),
    );
    return [...new Set(names)];
  }

  /** The members that an object of the interface must have: own and inherited ones, without optional ones. */
  members(interfaceName: string): Member[] {
    return this.propertiesOf(interfaceName)
      .filter((property) => !(property.flags & ts.SymbolFlags.Optional))
      .map((property) => ({
        name: property.name,
        isMethod: (property.flags & ts.SymbolFlags.Method) !== 0,
      }));
  }

  /** The types of an interface's members, by name. */
  memberTypes(interfaceName: string): Map<string, string> {
    return new Map(
      this.propertiesOf(interfaceName).map((property) => [
        property.name,
        this.checker.typeToString(this.checker.getTypeOfSymbol(property)),
      ]),
    );
  }

  private propertiesOf(interfaceName: string): ts.Symbol[] {
    const declaration = this.files
      .flatMap((file) => file.statements.filter(ts.isInterfaceDeclaration))
      .find((statement) => statement.name.text === interfaceName);
    if (!declaration) throw new Error(`The library has no interface ${interfaceName}`);
    return this.checker
      .getTypeAtLocation(declaration.name)
      .getProperties()
      .filter((property) => !property.name.startsWith("__@"))
      .filter((property) =>
        property.declarations?.some((part) => !filesOfTheBuild.has(basename(part.getSourceFile().fileName))),
      );
  }
}
