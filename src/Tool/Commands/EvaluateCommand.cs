using System.CommandLine;
using Microsoft.ML;
using MiniMind.MLNet.Dpo.Tool.Configuration;
using MiniMind.MLNet.Dpo.Tool.Inputs;
using MiniMind.MLNet.Dpo.Tool.Judging;
using MiniMind.MLNet.Dpo.Tool.Runs;
using MiniMind.MLNet.Dpo.Tool.Terminal;

namespace MiniMind.MLNet.Dpo.Tool.Commands;

/// <summary><c>dpo evaluate</c>: how well a model ranks pairs, or what a judge says of its answers.</summary>
internal sealed class EvaluateCommand : ConfiguredCommand
{
    /// <summary>Where the judge's key may stand, which no list of processes shows.</summary>
    public const string KeyVariable = "DPO_JUDGE_KEY";

    private const string CacheKey = "judging.cache-file", CacheAlias = "--judge-cache";

    private readonly Option<string?> _key = new("--judge-key")
    {
        Description = $"The judge's key; better by the variable {KeyVariable}, which no list of processes shows", HelpName = "KEY",
    };

    /// <inheritdoc />
    public override ConfigShape Shape { get; } = new([.. ScoredPairs.Parts, new(typeof(JudgeSettings)), new(typeof(WinRateOptions), "judging")]);

    /// <inheritdoc />
    protected override (string Name, string Summary) About => ("evaluate", "Measures how well a model ranks pairs, or lets a judge compare its answers.");

    /// <inheritdoc />
    protected override string Leading => "data";

    /// <inheritdoc />
    protected override IReadOnlyList<string> Shown =>
    [
        "model", "reference-model", "tokenizer", "base-model", "loss", "beta", "reduction", "preparation.max-length", "reading.prompt", "reading.chosen",
        "reading.rejected", "judge", "judge-model", CacheKey, "against", "limit", "answer-tokens",
    ];

    /// <inheritdoc />
    protected override IReadOnlyList<Option> Others => [_key];

    /// <inheritdoc />
    public override Command Create(Func<ParseResult, ToolConsole> consoleOf)
    {
        Command command = base.Create(consoleOf);
        command.Options.Single(option => option.Name == "--" + CacheKey).Aliases.Add(CacheAlias);
        return command;
    }

    /// <inheritdoc />
    protected override Task<int> RunAsync(ParseResult parsed, ConfigValues values, ToolConsole console, CancellationToken stop)
    {
        string? typed = parsed.GetValue(_key);
        JudgedAnswers.Refuse(values, typed is not null);
        MLContext context = new();
        WarningLog.Listen(context, console.Warn);
        if (values.Get<JudgeSettings>().Judge is not null)
        {
            string? key = string.IsNullOrEmpty(typed) ? Environment.GetEnvironmentVariable(KeyVariable) : typed;
            return JudgedAnswers.CompareAsync(context, values, string.IsNullOrEmpty(key) ? null : key, console, stop);
        }
        int code = ExitCodes.Done;
        ScoredPairs.Use(context, values, scored =>
        {
            if (PairReport.Show(context, scored.Scores, new ScoreColumns(), scored.HasReference, console) == 0)
                code = ExitCodes.Failed;
        }, answers => FeedbackReport.Show(context.Preferences.EvaluateFeedback(answers), console));
        return Task.FromResult(code);
    }
}
