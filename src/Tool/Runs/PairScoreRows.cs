using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Microsoft.ML;
using Microsoft.ML.Data;
using MiniMind.MLNet.Dpo.Data;
using MiniMind.MLNet.Dpo.Tool.Training;

namespace MiniMind.MLNet.Dpo.Tool.Runs;

/// <summary>What a model gives held-out pairs, pair by pair, so that two runs can be compared on the same pairs.</summary>
/// <param name="view">The scored pairs.</param>
/// <param name="rows">The scores.</param>
internal sealed class PairScoreRows(IDataView? view, IReadOnlyList<PairScoreRow> rows)
{
    private const long MostBytes = 1L << 30;

    private static readonly JsonSerializerOptions s_json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        IgnoreReadOnlyProperties = true,
    };

    /// <summary>The scored pairs; <see langword="null"/> where they come from a file.</summary>
    public IDataView? View => view;

    /// <summary>The scores.</summary>
    public IReadOnlyList<PairScoreRow> Rows => rows;

    /// <summary>The scores of a view.</summary>
    public static PairScoreRows Of(IDataView scored, ScoreColumns columns, string lineColumn)
    {
        float[] Numbers(string name) => scored.Schema.GetColumnOrNull(name) is null
            ? [] : [.. scored.GetColumn<float>(name)];
        string[] chosen = [.. scored.GetColumn<string>(ColumnNames.Chosen)], rejected = [.. scored.GetColumn<string>(ColumnNames.Rejected)];
        long[] lines = scored.Schema.GetColumnOrNull(lineColumn) is null ? [] : [.. scored.GetColumn<long>(lineColumn)];
        float[] chosenLogProbs = Numbers(columns.ChosenLogProb), rejectedLogProbs = Numbers(columns.RejectedLogProb),
            chosenRewards = Numbers(columns.ChosenReward), rejectedRewards = Numbers(columns.RejectedReward);
        return new PairScoreRows(scored, [.. Enumerable.Range(0, chosen.Length).Select(i => new PairScoreRow(
            Name(chosen[i], rejected[i]), lines.Length == 0 ? i + 1 : lines[i], chosenLogProbs[i], rejectedLogProbs[i],
            chosenRewards.Length == 0 ? double.NaN : chosenRewards[i], rejectedRewards.Length == 0 ? double.NaN : rejectedRewards[i]))]);
    }

    /// <summary>Writes them.</summary>
    /// <param name="path">The file, with an object a line; the first says how log-probabilities were reduced.</param>
    /// <param name="reduction">How.</param>
    public void Save(string path, LogProbReduction reduction) => RunFolder.Replace(path,
        new JsonObject { ["reduction"] = reduction.ToString() }.ToJsonString() + "\n"
        + string.Concat(rows.Select(row => JsonSerializer.Serialize(row, s_json) + "\n")));

    /// <summary>Reads them.</summary>
    /// <exception cref="InvalidDataException">It is no such file.</exception>
    public static (PairScoreRows Scores, string Reduction) Load(string path)
    {
        if (new FileInfo(path).Length > MostBytes)
            throw new InvalidDataException($"{path}: it has more than {MostBytes} bytes.");
        int line = 0;
        try
        {
            using IEnumerator<string> lines = File.ReadLines(path).GetEnumerator();
            string reduction = lines.MoveNext() && JsonNode.Parse(lines.Current) is JsonObject head && head["reduction"] is { } named
                ? named.GetValue<string>() : throw new JsonException("the first line says no reduction");
            List<PairScoreRow> read = [];
            for (line = 2; lines.MoveNext(); line++)
                read.Add(JsonSerializer.Deserialize<PairScoreRow>(lines.Current, s_json) ?? throw new JsonException("no row"));
            return (new PairScoreRows(null, read), reduction);
        }
        catch (Exception fault) when (fault is JsonException or InvalidOperationException)
        {
            throw new InvalidDataException($"{path}:{Math.Max(1, line)}: this is no line that 'dpo train' wrote: {fault.Message}", fault);
        }
    }

    private static string Name(string chosen, string rejected) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{chosen.Length} {chosen}{rejected}"))[..12]);
}
