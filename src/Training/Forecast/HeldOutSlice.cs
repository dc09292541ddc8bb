using System.Runtime.InteropServices;
using MiniMind.MLNet.Dpo.Training.Batches;

namespace MiniMind.MLNet.Dpo.Training.Forecast;

/// <summary>Some pairs kept back from others, without a prompt on both sides.</summary>
/// <param name="Kept">The pairs that are kept back.</param>
/// <param name="Others">The others.</param>
internal sealed record HeldOutSlice(IReadOnlyList<PreferenceExample> Kept, IReadOnlyList<PreferenceExample> Others)
{
    private const int LeastOthers = 3; // for each pair that is kept back

    /// <summary>Deals the prompts: each goes where its hash and the seed say, whatever the order of the pairs.</summary>
    /// <param name="pairs">All pairs.</param>
    /// <param name="most">The most to keep back, but for the last prompt's.</param>
    /// <param name="seed">Deals them anew.</param>
    /// <exception cref="InvalidDataException">There are no two prompts.</exception>
    public static HeldOutSlice Of(IReadOnlyList<PreferenceExample> pairs, int most, int seed)
    {
        int wanted = Math.Max(1, Math.Min(most, pairs.Count / (LeastOthers + 1)));
        IGrouping<string, PreferenceExample>[] prompts = [.. pairs.GroupBy(Prompt, StringComparer.Ordinal)
            .OrderBy(prompt => Hash(prompt.Key, seed)).ThenBy(prompt => prompt.Key, StringComparer.Ordinal)];
        if (prompts.Length < 2)
        {
            throw new InvalidDataException(
                $"The {pairs.Count} pairs have one prompt; a learning rate is measured on pairs whose prompts were not trained on, which takes two.");
        }

        List<PreferenceExample> kept = [];
        int taken = 0;
        while (taken < prompts.Length - 1 && kept.Count < wanted)
            kept.AddRange(prompts[taken++]);
        return new HeldOutSlice(kept, [.. prompts.Skip(taken).SelectMany(prompt => prompt)]);
    }

    /// <summary>What both sides have in common up to the last answer, as text that can be a key.</summary>
    private static string Prompt(PreferenceExample pair)
    {
        byte[] mask = pair.Chosen.LossMask;
        int answer = pair.Chosen.NeededLength - 1;
        while (answer > 0 && mask[answer - 1] != 0)
            answer--;
        int length = Math.Min(answer + 1, Math.Max(1, pair.SharedPrefix));
        return new string(MemoryMarshal.Cast<int, char>(pair.Chosen.InputIds.AsSpan(0, Math.Min(length, pair.Chosen.InputIds.Length))));
    }

    // FNV-1a over the ids, then mixed (splitmix64's finish) so that the seed moves all of it
    private static ulong Hash(string prompt, int seed)
    {
        ulong hash = 14695981039346656037 ^ (uint)seed * 0x9E3779B97F4A7C15;
        foreach (char part in prompt)
            hash = (hash ^ part) * 1099511628211;
        hash = (hash ^ (hash >> 30)) * 0xBF58476D1CE4E5B9;
        hash = (hash ^ (hash >> 27)) * 0x94D049BB133111EB;
        return hash ^ (hash >> 31);
    }
}
