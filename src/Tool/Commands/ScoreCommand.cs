using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.ML;
using Microsoft.ML.Data;
using MiniMind.MLNet.Dpo.Data;
using MiniMind.MLNet.Dpo.Tool.Configuration;
using MiniMind.MLNet.Dpo.Tool.Inputs;
using MiniMind.MLNet.Dpo.Tool.Runs;
using MiniMind.MLNet.Dpo.Tool.Terminal;
using MiniMind.MLNet.Dpo.Tool.Training;

namespace MiniMind.MLNet.Dpo.Tool.Commands;

/// <summary><c>dpo score</c>: what a model gives each pair, or each answer.</summary>
internal sealed class ScoreCommand : ConfiguredCommand
{
    /// <inheritdoc />
    public override ConfigShape Shape { get; } = new([.. ScoredPairs.Parts, new(typeof(ScoreFile))]);

    /// <inheritdoc />
    protected override (string Name, string Summary) About => ("score", "Tells what a model gives each pair, row by row.");

    /// <inheritdoc />
    protected override string Leading => "data";

    /// <inheritdoc />
    protected override IReadOnlyList<string> Shown =>
    [
        "model", "output", "reference-model", "tokenizer", "base-model", "loss", "beta", "reduction", "preparation.max-length", "reading.prompt",
        "reading.chosen", "reading.rejected",
    ];

    /// <inheritdoc />
    protected override Task<int> RunAsync(ParseResult parsed, ConfigValues values, ToolConsole console, CancellationToken stop)
    {
        MLContext context = new();
        WarningLog.Listen(context, console.Warn);
        List<JsonObject> rows = [];
        ScoredPairs.Use(context, values, scored => rows.AddRange(scored.Scores.Rows.Select(row => Row(row, scored.HasReference))),
            answers => rows.AddRange(Answers(answers)));
        if (values.Get<ScoreFile>().Output is { } path)
        {
            RunFolder.Replace(path, string.Concat(rows.Select(row => ToolConsole.JsonOf(row) + "\n")));
            console.Line($"{Words.Count(rows.Count, "row")} in {path}");
            console.Event("scores", new JsonObject { ["rows"] = rows.Count, ["file"] = path });
            return Task.FromResult(ExitCodes.Done);
        }
        if (rows.Count > 0 && !console.IsJson)
        {
            string[] names = [.. rows[0].Select(field => field.Key)];
            foreach (string line in AlignedText.Lines(
                [[.. names.Select(name => name.Replace('_', ' '))], .. rows.Select(row => names.Select(name => Cell(row[name]!)).ToArray())], "", 0))
            {
                console.Line(line);
            }
        }
        foreach (JsonObject row in rows)
            console.Event("score", row);
        return Task.FromResult(ExitCodes.Done);
    }

    private static JsonObject Row(PairScoreRow row, bool hasReference)
    {
        JsonObject fields = new()
        {
            ["line"] = row.Line, ["chosen_log_prob"] = row.ChosenLogProb, ["rejected_log_prob"] = row.RejectedLogProb, ["log_prob_margin"] = row.LogProbMargin,
        };
        if (hasReference)
            (fields["chosen_reward"], fields["rejected_reward"], fields["reward_margin"]) = (row.ChosenReward, row.RejectedReward, row.RewardMargin);
        return fields;
    }

    private static IEnumerable<JsonObject> Answers(IDataView scored)
    {
        FeedbackScoreColumns columns = new();
        long[] lines = [.. scored.GetColumn<long>(ColumnNames.LineNumber)];
        bool[] labels = [.. scored.GetColumn<bool>(ColumnNames.Label)];
        float[] logProbs = [.. scored.GetColumn<float>(columns.LogProb)];
        float[]? rewards = scored.Schema.GetColumnOrNull(columns.Reward) is null ? null : [.. scored.GetColumn<float>(columns.Reward)];
        for (int i = 0; i < lines.Length; i++)
        {
            JsonObject row = new() { ["line"] = lines[i], ["good"] = labels[i], ["log_prob"] = (double)logProbs[i] };
            if (rewards is not null)
                row["reward"] = (double)rewards[i];
            yield return row;
        }
    }

    private static string Cell(JsonNode value) => value.AsValue().TryGetValue(out double number)
        ? number.ToString(double.IsInteger(number) ? "F0" : "F4", CultureInfo.InvariantCulture)
        : value.AsValue().TryGetValue(out long whole) ? whole.ToString(CultureInfo.InvariantCulture) : value.ToString();
}
