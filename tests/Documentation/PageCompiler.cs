using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Emit;

namespace MiniMind.MLNet.Dpo.Tests.Documentation;

/// <summary>Compiles the C# of a page against the library, as a program that takes the package would.</summary>
/// <remarks>
/// Each block is a program. It sees what the blocks before it on the page have declared and imported, as a reader does, and may declare it anew;
/// and what comments before them give (<see cref="CodeBlock.Given"/>).
/// </remarks>
internal sealed partial class PageCompiler
{
    private const string Implicit = """
        global using System;
        global using System.Collections.Generic;
        global using System.IO;
        global using System.Linq;
        global using System.Net.Http;
        global using System.Threading;
        global using System.Threading.Tasks;
        """;

    // what a program with Microsoft.NET.Sdk.Web imports by itself, and the namespaces that the first sample of the README names
    private const string Usual = """
        global using Microsoft.AspNetCore.Builder;
        global using Microsoft.AspNetCore.Http;
        global using Microsoft.AspNetCore.Routing;
        global using Microsoft.Extensions.Configuration;
        global using Microsoft.Extensions.DependencyInjection;
        global using Microsoft.Extensions.Hosting;
        global using Microsoft.Extensions.Logging;
        global using Microsoft.Extensions.AI;
        global using Microsoft.ML;
        global using Microsoft.ML.Data;
        global using MiniMind.MLNet.Dpo;
        """;

    private static readonly CSharpParseOptions s_language = new(LanguageVersion.CSharp14);
    private static readonly Lazy<IReadOnlyList<MetadataReference>> s_references = new(() => [.. References()]);
    private readonly Dictionary<string, string> _declared = [], _given = [];
    private readonly HashSet<string> _imports = [];
    private readonly Dictionary<string, string> _types = [];

    /// <summary>The errors of a page's blocks, each with its place on the page.</summary>
    public static IReadOnlyList<string> Errors(IEnumerable<CodeBlock> blocks)
    {
        PageCompiler compiler = new();
        return [.. blocks.SelectMany(compiler.Next)];
    }

    /// <summary>A program of one block, which imports all that it names.</summary>
    /// <exception cref="InvalidOperationException">It does not compile; the message has the errors.</exception>
    public static byte[] Program(CodeBlock block, string name)
    {
        CSharpCompilation compilation = Compilation(name, OutputKind.ConsoleApplication, Parse(block.Code), Parse(Implicit));
        using MemoryStream file = new();
        EmitResult emitted = compilation.Emit(file);
        return emitted.Success ? file.ToArray() : throw new InvalidOperationException(string.Join('\n', Errors(block, emitted.Diagnostics)));
    }

    /// <summary>Compiles one more block of the page, and keeps what it declares for those after it.</summary>
    private IEnumerable<string> Next(CodeBlock block)
    {
        SyntaxTree code = Parse(block.Code);
        CompilationUnitSyntax unit = code.GetCompilationUnitRoot();
        bool isProgram = unit.Members.OfType<GlobalStatementSyntax>().Any();
        HashSet<string> ownTypes = [.. unit.Members.OfType<BaseTypeDeclarationSyntax>().Select(type => type.Identifier.Text)];
        string types = string.Join('\n', _types.Where(type => !ownTypes.Contains(type.Key)).Select(type => type.Value));
        Take(block.Given);
        string imports = string.Join('\n', _imports.Select(import => $"global {import}"));
        CSharpCompilation compilation = Compilation("Page", isProgram ? OutputKind.ConsoleApplication : OutputKind.DynamicallyLinkedLibrary,
            code, Parse(Implicit), Parse(Usual), Parse(imports), Parse($"{unit.Usings}\npartial class Program {{ {Given()} {Declared()} }}\n{types}"));
        string[] errors = [.. Errors(block, compilation.GetDiagnostics())];
        if (errors.Length == 0)
            Keep(unit, compilation.GetSemanticModel(code));
        return errors;
    }

    private void Keep(CompilationUnitSyntax unit, SemanticModel semantics)
    {
        _imports.UnionWith(unit.Usings.Where(import => import.GlobalKeyword == default).Select(import => import.ToString()));
        foreach (BaseTypeDeclarationSyntax type in unit.Members.OfType<BaseTypeDeclarationSyntax>())
            _types[type.Identifier.Text] = type.ToFullString();
        foreach (GlobalStatementSyntax statement in unit.Members.OfType<GlobalStatementSyntax>())
        {
            IEnumerable<SyntaxNode> names = statement.Statement.DescendantNodes(node => node is not (BlockSyntax or LambdaExpressionSyntax))
                .Where(node => node is VariableDeclaratorSyntax or SingleVariableDesignationSyntax);
            foreach (ILocalSymbol local in names.Select(name => semantics.GetDeclaredSymbol(name)).OfType<ILocalSymbol>())
            {
                _given.Remove(local.Name);
                _declared[local.Name] = $"static {local.Type.ToDisplayString(SymbolDisplayFormat.FullyQualifiedFormat)} {local.Name} = default!;";
            }
        }
    }

    /// <summary>Takes what a comment gives into the page's own, for this block and those after it.</summary>
    private void Take(string given)
    {
        _imports.UnionWith(GivenImport().Matches(given).Select(import => import.Value));
        string members = GivenImport().Replace(given, "");
        foreach (MemberDeclarationSyntax member in ((ClassDeclarationSyntax)Parse($"class Given {{ {members} }}").GetCompilationUnitRoot().Members[0]).Members)
        {
            foreach ((string name, string declaration) in Declarations(member))
            {
                _given[name] = declaration;
                _declared.Remove(name);
            }
        }
    }

    private string Given() => string.Join(' ', _given.Values);

    private string Declared() => string.Join(' ', _declared.Values);

    private static IEnumerable<(string Name, string Declaration)> Declarations(MemberDeclarationSyntax member) => member switch
    {
        FieldDeclarationSyntax field => field.Declaration.Variables
            .Select(variable => (variable.Identifier.Text, $"static {field.Declaration.Type} {variable.Identifier} = default!;")),
        MethodDeclarationSyntax method => [(method.Identifier.Text, $"static {method}")],
        BaseTypeDeclarationSyntax type => [(type.Identifier.Text, $"public {type}")],
        _ => [],
    };

    private static CSharpCompilation Compilation(string name, OutputKind kind, params SyntaxTree[] trees) => CSharpCompilation.Create(
        name, trees, s_references.Value, new CSharpCompilationOptions(kind, nullableContextOptions: NullableContextOptions.Enable));

    private static IEnumerable<string> Errors(CodeBlock block, IEnumerable<Diagnostic> diagnostics) => diagnostics
        .Where(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error)
        .Select(diagnostic =>
            $"{block.Page}:{block.Line + diagnostic.Location.GetLineSpan().StartLinePosition.Line}: {diagnostic.Id}: {diagnostic.GetMessage()}");

    private static SyntaxTree Parse(string code) => CSharpSyntaxTree.ParseText(code, s_language);

    // what these tests run with, and what web apps have beside it, where it is installed
    private static IEnumerable<MetadataReference> References()
    {
        string[] running = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator);
        return running.Where(path => !string.Equals(path, typeof(PageCompiler).Assembly.Location, StringComparison.Ordinal)).Concat(WebFramework())
            .DistinctBy(path => Path.GetFileName(path)).Select(path => MetadataReference.CreateFromFile(path));
    }

    private static string[] WebFramework()
    {
        DirectoryInfo runtime = new(Path.TrimEndingDirectorySeparator(Path.GetDirectoryName(typeof(object).Assembly.Location)!));
        string folder = Path.Combine(runtime.Parent!.Parent!.FullName, "Microsoft.AspNetCore.App", runtime.Name);
        return Directory.Exists(folder) ? Directory.GetFiles(folder, "Microsoft.*.dll") : [];
    }

    [GeneratedRegex(@"\busing [\w.]+;")]
    private static partial Regex GivenImport();
}
