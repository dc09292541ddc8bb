using System.Globalization;

namespace MiniMind.MLNet.Dpo;

/// <summary>What the maximum length took from one side of the rows.</summary>
/// <param name="Side">Which: <c>chosen</c>, <c>rejected</c>, or <c>conversation</c> where a row has one.</param>
/// <param name="Cut">Conversations that lost tokens, whichever.</param>
/// <param name="LostEnd">Those that were cut within an answer, which lost its end and its end token: the model does not learn to stop there.</param>
/// <param name="LostAnswer">Those that were cut before their last answer, which is gone altogether.</param>
/// <param name="LostPromptStart">Those that lost their beginning, as <c>TruncationPolicy.KeepEnd</c> cuts.</param>
public sealed record SideTruncation(string Side, int Cut, int LostEnd, int LostAnswer, int LostPromptStart)
{
    /// <summary>What was lost, in words.</summary>
    /// <param name="rows">How many rows there are.</param>
    internal string Describe(int rows)
    {
        (int Count, string What)[] losses =
        [
            (LostEnd, "lost the end of the answer with its end token"), (LostAnswer, "lost all of the last answer"),
                (LostPromptStart, "lost the prompt's beginning"),
        ];
        string told = string.Join(", ", losses.Where(loss => loss.Count > 0)
            .Select(loss => string.Create(CultureInfo.InvariantCulture, $"{loss.Count} {loss.What}")));
        return string.Create(CultureInfo.InvariantCulture, $"of {rows} {Side}{(Side == TruncationReport.Single ? "s" : " sides")} {told}");
    }
}
