using System.Globalization;

namespace MiniMind.MLNet.Dpo.Estimators;

/// <summary>Says of rows that cannot be trained on what they lack, and when so many come first that reading on is no use.</summary>
internal static class UnusableStart
{
    /// <summary>
    /// With so many rows at the start and none that can be trained on, reading ends: the settings do not fit the data, and whoever set them shall know within
    /// seconds, also where the file has millions of rows.
    /// </summary>
    public const int MostRows = 5000;

    /// <summary>The reason for a response without a token to learn.</summary>
    /// <param name="response">What it is called.</param>
    /// <param name="isCut">Whether its conversation lost tokens to the maximum length; <see langword="null"/> where that is not known.</param>
    public static string NothingLeft(string response, bool? isCut) => isCut switch
    {
        true => $"no token of {response} is left after truncation",
        false => $"the mask selects no token of {response}, and nothing was cut",
        null => $"no token of {response} is left after truncation and masking",
    };

    /// <summary>The error for data of which no row can be trained on.</summary>
    /// <param name="skipped">The rows, all of those that were read.</param>
    /// <param name="truncation">What the maximum length took from them, where that is known.</param>
    /// <param name="rows">What the rows are.</param>
    /// <param name="hasMore">Whether reading ended before the data did.</param>
    public static InvalidDataException Error(IReadOnlyList<SkippedPair> skipped, TruncationReport? truncation, string rows, bool hasMore)
    {
        IGrouping<string, SkippedPair>[] reasons = [.. skipped.GroupBy(row => row.Reason).OrderByDescending(group => group.Count())];
        string told = string.Join(
            "; ", reasons.Select(group => string.Create(
            CultureInfo.InvariantCulture, $"{group.Key} ({group.Count()}, the first in line {group.First().Line})")));
        string advice = truncation is null ? "Is MaxLength too small, or the mask rule another model's?"
            : truncation.Sides.Sum(side => side.LostAnswer + side.LostEnd) > 0 ? $"They were cut at {truncation.MaxLength} tokens: {truncation.Advice}."
            : "Nothing was cut to a maximum length: are the answers empty, both sides one, or the mask rule another model's?";
        string count = string.Create(CultureInfo.InvariantCulture, $"{(hasMore ? "the first " : "the ")}{skipped.Count}");
        return new InvalidDataException($"None of {count} {rows} can be trained on: {told}. {advice}{(hasMore ? " The rest was not read." : "")}");
    }
}
