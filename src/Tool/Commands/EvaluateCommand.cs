using System.CommandLine;
using Microsoft.ML;
using MiniMind.MLNet.Dpo.Tool.Configuration;
using MiniMind.MLNet.Dpo.Tool.Inputs;
using MiniMind.MLNet.Dpo.Tool.Runs;
using MiniMind.MLNet.Dpo.Tool.Terminal;

namespace MiniMind.MLNet.Dpo.Tool.Commands;

/// <summary><c>dpo evaluate</c>: how well a model ranks pairs.</summary>
internal sealed class EvaluateCommand : ConfiguredCommand
{
    /// <inheritdoc />
    public override ConfigShape Shape { get; } = new(ScoredPairs.Parts);

    /// <inheritdoc />
    protected override (string Name, string Summary) About => ("evaluate", "Measures how well a model ranks pairs, by itself or against a reference.");

    /// <inheritdoc />
    protected override string Leading => "data";

    /// <inheritdoc />
    protected override IReadOnlyList<string> Shown =>
    [
        "model", "reference-model", "tokenizer", "base-model", "loss", "beta", "reduction", "preparation.max-length", "reading.prompt", "reading.chosen",
        "reading.rejected",
    ];

    /// <inheritdoc />
    protected override Task<int> RunAsync(ParseResult parsed, ConfigValues values, ToolConsole console, CancellationToken stop)
    {
        MLContext context = new();
        WarningLog.Listen(context, console.Warn);
        int code = ExitCodes.Done;
        ScoredPairs.Use(context, values, scored =>
        {
            if (PairReport.Show(context, scored.Scores, new ScoreColumns(), scored.HasReference, console) == 0)
                code = ExitCodes.Failed;
        }, answers => FeedbackReport.Show(context.Preferences.EvaluateFeedback(answers), console));
        return Task.FromResult(code);
    }
}
