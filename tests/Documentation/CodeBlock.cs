using System.Text.RegularExpressions;

namespace MiniMind.MLNet.Dpo.Tests.Documentation;

/// <summary>A piece of C# on a page.</summary>
/// <param name="Page">The page, from the repository's root on.</param>
/// <param name="Line">The line of its first line of code, from 1.</param>
/// <param name="Code">The code.</param>
/// <param name="Given">What a comment before it says that it goes on from: members of a class and imports, such as <c>using System.Text.Json; Tensor sums;</c>.
/// </param>
internal sealed partial record CodeBlock(string Page, int Line, string Code, string Given)
{
    /// <summary>The blocks of a page that say that they are C#.</summary>
    /// <remarks>
    /// A line <c>&lt;!-- given: PretrainedModel model; --&gt;</c> right before a block, which a reader does not see, names what the text before it speaks of.
    /// </remarks>
    public static IEnumerable<CodeBlock> Of(string page, string text)
    {
        foreach (Match block in Blocks().Matches(text))
        {
            Group code = block.Groups["code"];
            string indent = block.Groups["indent"].Value;
            string[] lines = [.. code.Value.Split('\n').Select(line => line.StartsWith(indent, StringComparison.Ordinal) ? line[indent.Length..] : line)];
            yield return new CodeBlock(page, text.AsSpan(0, code.Index).Count('\n') + 1, string.Join('\n', lines), block.Groups["given"].Value);
        }
    }

    [GeneratedRegex(
        @"(?:^[ \t]*<!-- given: (?<given>(?:(?!-->).)*) -->\r?\n(?:[ \t]*\r?\n)?)?" +
            @"^(?<indent>[ \t]*)(?<fence>`{3,}|~{3,}) *(?:c#|cs|csharp)\b[^\n]*\n(?<code>.*?)^[ \t]*\k<fence>",
        RegexOptions.Singleline | RegexOptions.Multiline | RegexOptions.IgnoreCase)]
    private static partial Regex Blocks();
}
