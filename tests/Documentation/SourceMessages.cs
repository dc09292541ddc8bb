using System.Text;
using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using MiniMind.MLNet.Dpo.Tests.Infrastructure;

namespace MiniMind.MLNet.Dpo.Tests.Documentation;

/// <summary>The words that texts of the sources say, so that a page which quotes a message can be held to it.</summary>
/// <remarks>
/// A run is words with nothing but spaces between them. Numbers, signs and what is filled in end a run: of <c>$"after {step} steps the loss is {loss}"</c> the
/// runs are "after" and "steps the loss is". A <c>nameof</c> is its name.
/// </remarks>
internal static partial class SourceMessages
{
    private const int LeastWords = 3;
    private const string Hole = "\u0001";
    private static readonly Lazy<string> s_runs = new(() => $"\n{string.Join('\n', Sources().SelectMany(Texts).SelectMany(Runs))}\n");

    /// <summary>The runs of a text.</summary>
    public static IEnumerable<string> Runs(string text) =>
        Separators().Split(text).Select(run => string.Join(' ', run.Split(' ', StringSplitOptions.RemoveEmptyEntries))).Where(run => run.Length > 0);

    /// <summary>Whether some text of the sources says this run, at the edges of words; or some texts do that are put into each other, three at most.</summary>
    public static bool Say(string run) => Say(run, parts: 3);

    private static bool Say(string run, int parts)
    {
        if (IsSaid(run, @"[\n ]"))
            return true;
        string[] words = run.Split(' ');
        return parts > 1 && Enumerable.Range(1, words.Length - 1).Any(first =>
            IsPart(string.Join(' ', words[..first])) && (IsPart(string.Join(' ', words[first..])) || Say(string.Join(' ', words[first..]), parts - 1)));
    }

    // a few words may stand anywhere: by themselves they are a part only where a text has no others
    private static bool IsPart(string run) => IsSaid(run, run.Split(' ').Length < LeastWords ? "\n" : @"[\n ]");

    private static bool IsSaid(string run, string edge) => Regex.IsMatch(s_runs.Value, $"(?<={edge}){Regex.Escape(run)}(?={edge})");

    private static IEnumerable<string> Sources() => Directory.EnumerateFiles(TestFiles.Repository("src"), "*.cs", SearchOption.AllDirectories)
        .Where(path => !path.Split(Path.DirectorySeparatorChar).Any(step => step is "obj" or "bin")).Select(File.ReadAllText);

    // all literals of a file; those that are added to each other are one text
    private static IEnumerable<string> Texts(string source)
    {
        foreach (SyntaxNode node in CSharpSyntaxTree.ParseText(source).GetRoot().DescendantNodes())
        {
            bool isText = node is LiteralExpressionSyntax or InterpolatedStringExpressionSyntax or BinaryExpressionSyntax;
            if (isText && node.Parent is not BinaryExpressionSyntax { RawKind: (int)SyntaxKind.AddExpression })
                yield return Text((ExpressionSyntax)node);
        }
    }

    private static string Text(ExpressionSyntax expression) => expression switch
    {
        BinaryExpressionSyntax { RawKind: (int)SyntaxKind.AddExpression } sum => Text(sum.Left) + Text(sum.Right),
        LiteralExpressionSyntax { Token.Value: string value } => value,
        ParenthesizedExpressionSyntax inner => Text(inner.Expression),
        InvocationExpressionSyntax { Expression: IdentifierNameSyntax { Identifier.Text: "nameof" } } name =>
            name.ArgumentList.Arguments[0].Expression.ToString().Split('.')[^1],
        InterpolatedStringExpressionSyntax filled => Text(filled),
        _ => Hole,
    };

    private static string Text(InterpolatedStringExpressionSyntax filled)
    {
        StringBuilder text = new();
        foreach (InterpolatedStringContentSyntax part in filled.Contents)
            text.Append(part is InterpolationSyntax hole ? Text(hole.Expression) : ((InterpolatedStringTextSyntax)part).TextToken.ValueText);
        return text.ToString();
    }

    [GeneratedRegex(@"[^\p{L}' ]+")]
    private static partial Regex Separators();
}
