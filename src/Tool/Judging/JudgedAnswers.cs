using Microsoft.Extensions.AI;
using Microsoft.ML;
using MiniMind.MLNet.Dpo.Data;
using MiniMind.MLNet.Dpo.Tool.Configuration;
using MiniMind.MLNet.Dpo.Tool.Inputs;
using MiniMind.MLNet.Dpo.Tool.Terminal;

namespace MiniMind.MLNet.Dpo.Tool.Judging;

/// <summary>Lets a judge compare a model's greedy answers with another's.</summary>
internal static class JudgedAnswers
{
    // of what scores pairs, and of nothing else
    private static readonly string[] s_ofScores = ["loss", "beta", "reduction", "preparation", "feedback"];
    private static readonly string[] s_ofJudges = ["judge-model", "judge-timeout", "against", "limit", "answer-tokens", "judging"];

    /// <summary>Refuses what would be ignored.</summary>
    /// <exception cref="ArgumentException">Something is configured that acts only with a judge, or only without one.</exception>
    public static void Refuse(ConfigValues values, bool hasKey)
    {
        bool isJudged = values.Get<JudgeSettings>().Judge is not null;
        if ((isJudged ? s_ofScores : s_ofJudges).FirstOrDefault(key => values.Has(key)) is { } ignored)
        {
            throw new ArgumentException(isJudged ? $"'{ignored}' is for scores, and a judge compares answers; leave it out, or leave --judge out."
                : $"'{ignored}' is for a judge; --judge URL says which.");
        }
        if (hasKey && !isJudged)
            throw new ArgumentException("--judge-key is for a judge; --judge URL says which.");
    }

    /// <summary>Compares, and shows what came of it.</summary>
    /// <param name="context">The context.</param>
    /// <param name="values">The configuration.</param>
    /// <param name="key">The judge's key.</param>
    /// <param name="console">What is written to.</param>
    /// <param name="stop">Ends it; replies in the file of replies stay.</param>
    /// <returns>One of <see cref="ExitCodes"/>: it failed where no prompt could be judged.</returns>
    public static async Task<int> CompareAsync(MLContext context, ConfigValues values, string? key, ToolConsole console, CancellationToken stop)
    {
        JudgeSettings settings = values.Get<JudgeSettings>();
        settings.Validate();
        WinRateOptions options = values.Get<WinRateOptions>();
        options.Validate();
        JudgeEndpoint endpoint = new(settings.Judge!, settings.JudgeModel!, key, settings.JudgeTimeout);
        string against = Against(settings, values.Get<ReferenceSettings>());
        PreferenceFileOptions reading = values.Get<PreferenceFileOptions>();
        IReadOnlyList<JudgedPrompt> prompts = JudgedPrompts.Of(
            context.Preferences.LoadFromFile(values.Get<DataSettings>().Required, reading), reading, settings.Limit);
        ModelSettings named = values.Get<ModelSettings>();
        using ModelInput a = ModelInput.Open(context, named, values.Get<ModelLoadOptions>());
        using ModelInput b = ModelInput.Open(context, named.OfOther(against), values.Get<ModelLoadOptions>());
        using IChatClient first = new PromptedClient(a.Model.AsChatClient(), prompts), second = new PromptedClient(b.Model.AsChatClient(), prompts);
        using IChatClient judge = endpoint.Client();
        if (endpoint.IsOpen)
            console.Warn($"prompts and answers are sent to {endpoint.Address} unencrypted");
        console.Line($"a {VisibleText.OneLine(named.Model!)}, b {VisibleText.OneLine(against)}");
        console.Line($"judged by {VisibleText.OneLine(settings.JudgeModel!)} at {endpoint.Address}");
        console.TakesStops = true;
        ChatOptions greedy = new() { Temperature = 0, MaxOutputTokens = settings.AnswerTokens };
        WinRateResult result = await context.Preferences.WinRateAsync(judge, [.. prompts.Select(prompt => prompt.Text)], AnswerSource.From(first, greedy),
            AnswerSource.From(second, greedy), options with { Progress = new JudgeProgress(console) }, stop);
        WinRateReport.Show(result, prompts, endpoint, console);
        return result.Valid > 0 ? ExitCodes.Done : ExitCodes.Failed;
    }

    private static string Against(JudgeSettings settings, ReferenceSettings reference) => (settings.Against, reference.ReferenceModel) switch
    {
        ({ } against, null) => against,
        (null, { } named) => named,
        (null, null) => throw new ArgumentException("--against MODEL says whose answers the judge sees beside the model's; none is named."),
        ({ } against, { } named) => throw new ArgumentException(
            $"--against is '{against}' and --reference-model '{named}'; the judge compares with one of them, so give one."),
    };
}
