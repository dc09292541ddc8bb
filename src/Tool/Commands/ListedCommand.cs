using System.CommandLine;
using System.CommandLine.Completions;

namespace MiniMind.MLNet.Dpo.Tool.Commands;

/// <summary>A command that completes the options that its help does not show, too.</summary>
internal sealed class ListedCommand(string name, string summary) : Command(name, summary)
{
    /// <inheritdoc />
    public override IEnumerable<CompletionItem> GetCompletions(CompletionContext context) => base.GetCompletions(context)
        .Concat(Options.Where(option => option.Hidden && context.WordToComplete.StartsWith("--", StringComparison.Ordinal)
            && option.Name.StartsWith(context.WordToComplete, StringComparison.Ordinal)).Select(option => new CompletionItem(option.Name)));
}
