using System.Globalization;
using System.Text.Json.Nodes;
using MiniMind.MLNet.Dpo.Tool.Terminal;

namespace MiniMind.MLNet.Dpo.Tool.Judging;

/// <summary>What a judge says of two models' answers, in numbers.</summary>
internal static class WinRateReport
{
    private const int MostFaults = 3;
    private const double ManyFlips = 1.0 / 3;

    /// <summary>Shows it.</summary>
    /// <param name="result">What was counted.</param>
    /// <param name="prompts">The prompts, in the order of the pairs.</param>
    /// <param name="endpoint">The judge, whose key is shown nowhere.</param>
    /// <param name="console">What is written to.</param>
    public static void Show(WinRateResult result, IReadOnlyList<JudgedPrompt> prompts, JudgeEndpoint endpoint, ToolConsole console)
    {
        console.Line($"Prompts judged: {result.Valid} of {result.Pairs.Count}");
        string[][] rows =
        [
            ["wins, ties, losses, invalid", $"{result.Wins}, {result.Ties}, {result.Losses}, {result.Invalid}"],
            ["score", Share(result.Score)],
            ["share of wins", result.Decisive == 0 ? "nothing is decisive" : $"{Words.Percent(result.WinShare)} "
                + $"({Words.Percent(result.WinShareLower)} to {Words.Percent(result.WinShareUpper)}) of {result.Decisive} decisive"],
            ["flips when swapped", double.IsNaN(result.FlipShare) ? "-" : $"{result.Flips} ({Words.Percent(result.FlipShare)})"],
            ["won by the longer", Share(result.LongerWinShare)],
            ["preferred as shown first", Share(result.FirstShownShare)],
            ["mean length a, b", string.Create(CultureInfo.InvariantCulture, $"{result.MeanLengthA:F0}, {result.MeanLengthB:F0} characters")],
            ["replies", $"{result.Replies}, {result.InvalidReplies} invalid, {result.CachedReplies} kept from before"],
        ];
        foreach (string line in AlignedText.Lines(rows))
            console.Line(line);
        foreach ((ComparedPair pair, JudgedPrompt prompt) in result.Pairs.Zip(prompts).Where(pair => pair.First.Fault is not null).Take(MostFaults))
            console.Line($"  line {prompt.Line} is invalid: {VisibleText.OneLine(endpoint.WithoutSecret(pair.Fault!))}");
        if (result.Invalid > MostFaults)
            console.Line($"  and {result.Invalid - MostFaults} more");
        if (result.FlipShare > ManyFlips)
            console.Warn("the judge takes another answer in more than a third of the pairs when they are swapped: it goes by their places; take another judge");
        foreach ((ComparedPair pair, JudgedPrompt prompt) in result.Pairs.Zip(prompts))
            console.Event("judged", Fields(pair, prompt, endpoint));
        console.Event("win_rate", Fields(result));
    }

    private static JsonObject Fields(ComparedPair pair, JudgedPrompt prompt, JudgeEndpoint endpoint) => new()
    {
        ["line"] = prompt.Line, ["prompt"] = pair.Prompt, ["a"] = pair.A, ["b"] = pair.B, ["outcome"] = pair.Outcome.ToString().ToLowerInvariant(),
        ["flipped"] = pair.IsFlipped, ["fault"] = pair.Fault is { } fault ? endpoint.WithoutSecret(fault) : null,
    };

    private static JsonObject Fields(WinRateResult result) => new()
    {
        ["prompts"] = result.Pairs.Count, ["wins"] = result.Wins, ["ties"] = result.Ties, ["losses"] = result.Losses, ["invalid"] = result.Invalid,
        ["score"] = Number(result.Score), ["win_share"] = Number(result.WinShare),
        ["win_share_interval"] = new JsonArray(result.WinShareLower, result.WinShareUpper), ["flips"] = result.Flips,
        ["flip_share"] = Number(result.FlipShare), ["longer_win_share"] = Number(result.LongerWinShare),
        ["first_shown_share"] = Number(result.FirstShownShare), ["mean_length_a"] = result.MeanLengthA, ["mean_length_b"] = result.MeanLengthB,
        ["replies"] = result.Replies, ["invalid_replies"] = result.InvalidReplies, ["cached_replies"] = result.CachedReplies,
    };

    // a share of nothing is no number
    private static JsonNode? Number(double value) => double.IsFinite(value) ? value : null;

    private static string Share(double share) => double.IsFinite(share) ? Words.Percent(share) : "-";
}
