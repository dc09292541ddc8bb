using System.Text.Json;

namespace MiniMind.MLNet.Dpo.Data.Shapes;

/// <summary>How a row says which of its two answers is better.</summary>
/// <param name="Fields">The fields that say it.</param>
/// <param name="Read">Above 0 where the first answer is better, below where the second is, 0 for a tie; null where the fields say nothing known.</param>
/// <param name="Right">What the fields may say, for errors.</param>
internal sealed record Verdict(string[] Fields, Func<SourceRow, double?> Read, string Right)
{
    /// <summary>A number that is negative where the first answer is better.</summary>
    public static Verdict SignOf(string field) =>
        new([field], row => -row.TakeNumber(field), "a number, below 0 where the first answer is better and above where the second is");

    /// <summary>0 or 1, the better answer's index; -1 for a tie.</summary>
    public static Verdict IndexIn(string field) =>
        new([field], row => row.TakeNumber(field) switch { 0 => 1, 1 => -1, -1 => 0, _ => null }, "0 or 1, the better answer's index");

    /// <summary>1 where the first answer is better, 0 where the second is.</summary>
    public static Verdict FirstIfOne(string field) =>
        new([field], row => row.TakeNumber(field) switch { 1 => 1, 0 => -1, _ => null }, "1 where the first answer is better, 0 where the second is");

    /// <summary>A score for each answer, the higher the better.</summary>
    public static Verdict HigherOf(string first, string second) =>
        new([first, second], row => row.TakeNumber(first) - row.TakeNumber(second), "numbers, the higher the better");

    /// <summary>The winner's letter, name or a tie in words.</summary>
    public static Verdict WinnerIn(string field) =>
        new([field], row => Winner(row, field), "'a', 'b', 'model_a', 'model_b' or 'tie'");

    private static double? Winner(SourceRow row, string field)
    {
        JsonElement value = row.TakeStored(field);
        string? said = value.ValueKind == JsonValueKind.String ? value.GetString()!.Trim().ToLowerInvariant() : null;
        return said switch
        {
            "a" or "model_a" or "response_a" or "assistant_a" => 1,
            "b" or "model_b" or "response_b" or "assistant_b" => -1,
            "tie" or "tie (bothbad)" or "both" or "neither" => 0,
            _ => null,
        };
    }
}
