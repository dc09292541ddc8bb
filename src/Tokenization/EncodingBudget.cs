using System.Diagnostics;

namespace MiniMind.MLNet.Dpo.Tokenization;

/// <summary>The time that a tokenizer's own patterns and added tokens may take for one text.</summary>
/// <param name="length">The text's length in characters.</param>
/// <param name="patience">The time for a text of up to <see cref="TokenizerLimits.PatientCharacters"/>; longer ones get as much again for as many
/// characters.</param>
internal sealed class EncodingBudget(int length, TimeSpan patience)
{
    private readonly long _end = Stopwatch.GetTimestamp() + (long)(
        (1 + length / TokenizerLimits.PatientCharacters) * patience.TotalSeconds * Stopwatch.Frequency);

    /// <summary>The budget that a text has.</summary>
    public EncodingBudget(int length)
        : this(length, TimeSpan.FromSeconds(TokenizerLimits.TextSeconds))
    {
    }

    /// <summary>Refuses to go on after the end of the time.</summary>
    /// <param name="culprit">What is at work, such as a pattern.</param>
    /// <exception cref="InvalidDataException">The time is over.</exception>
    public void Check(string culprit)
    {
        if (Stopwatch.GetTimestamp() <= _end)
            return;
        throw new InvalidDataException(
            $"tokenizer.json: splitting a text of {length} characters takes longer than " +
                $"{(1 + length / TokenizerLimits.PatientCharacters) * patience.TotalSeconds:0.###} s;" +
            $" at work was {culprit}. The tokenizer has too many steps, or patterns that backtrack too much.");
    }
}
