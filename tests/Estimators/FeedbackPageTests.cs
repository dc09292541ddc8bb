using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.Extensions.AI;
using Microsoft.ML;
using Microsoft.ML.Data;
using MiniMind.MLNet.Dpo.Tests.Infrastructure;
using MiniMind.MLNet.Dpo.Tests.Weights;
using MiniMind.MLNet.Dpo.Training;

namespace MiniMind.MLNet.Dpo.Tests.Estimators;

/// <summary>The code of <c>docs/FEEDBACK.md</c>: it is the code here, and thumbs on the QuickStart's answers teach its model what they say.</summary>
public sealed partial class FeedbackPageTests : IDisposable
{
    private static readonly string s_page = File.ReadAllText(Path.Combine(TestFiles.RepositoryRoot, "docs", "FEEDBACK.md"));
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Code_OfThePage_TurnsThumbsIntoAModel()
    {
        string thumbsFile = _folder.File("thumbs.jsonl"), modelFolder = QuickStart("model"), savedFolder = _folder.File("saved");
        double rate = 1e-4;

        // page
        void OnThumb(string prompt, string completion, bool up) =>
            File.AppendAllText(thumbsFile, JsonSerializer.Serialize(new { prompt, completion, label = up ? "up" : "down" }) + "\n");
        // end

        foreach (string line in File.ReadLines(QuickStart("data", "train.jsonl")).Take(240))
        {
            using JsonDocument pair = JsonDocument.Parse(line);
            bool up = pair.RootElement.GetRawText().Length % 2 == 0; // one side of each pair, as an app shows one answer
            JsonElement messages = pair.RootElement.GetProperty(up ? "chosen" : "rejected");
            OnThumb(messages[0].GetProperty("content").GetString()!, messages[1].GetProperty("content").GetString()!, up);
        }

        // page
        MLContext mlContext = new(seed: 42);
        using PretrainedModel model = PretrainedModel.Load(modelFolder);
        IDataView thumbs = mlContext.Preferences.LoadFeedbackFromFile(thumbsFile);
        var split = mlContext.Preferences.TrainTestSplit(thumbs, testFraction: 0.2, chosenColumnName: "Conversation", rejectedColumnName: "Conversation");
        using var trained = mlContext.Transforms.PrepareFeedback(model)
            .Append(mlContext.Preferences.Trainers.Kto(new KtoTrainer.Options { Model = model, LearningRate = rate, BatchSize = 16 }))
            .Fit(split.TrainSet);
        FeedbackMetrics metrics = mlContext.Preferences.EvaluateFeedback(trained.Transform(split.TestSet));
        Console.WriteLine(metrics);
        trained.LastTransformer.SaveModel(savedFolder);
        // end

        metrics.Count.Should().BeGreaterThan(20);
        metrics.AreaUnderRocCurve.Should().BeGreaterThan(0.9, "thumbs go to friendly answers, and held-out ones are told by it");
        metrics.MeanGoodReward.Should().BeGreaterThan(metrics.MeanBadReward);
        trained.LastTransformer.TrainingSummary.Warnings.Should().BeEmpty();
        using PretrainedModel saved = PretrainedModel.Load(savedFolder);
        using IChatClient chat = trained.LastTransformer.AsChatClient(), again = saved.AsChatClient();
        ChatOptions greedy = new() { Temperature = 0, MaxOutputTokens = 12 };
        string answer = (await chat.GetResponseAsync("When do you open?", greedy)).Text;
        answer.Should().NotBeEmpty().And.Be((await again.GetResponseAsync("When do you open?", greedy)).Text);
        string zip = _folder.File("kto.zip");
        mlContext.Model.Save(trained, thumbs.Schema, zip);
        using TransformerChain<ITransformer> loaded = (TransformerChain<ITransformer>)mlContext.Preferences.LoadModel(zip);
        KtoTransformer last = (KtoTransformer)loaded.LastTransformer;
        last.Baseline.Should().Be(trained.LastTransformer.Baseline);
        last.TrainingSummary.Should().BeEquivalentTo(trained.LastTransformer.TrainingSummary);
        mlContext.Preferences.EvaluateFeedback(loaded.Transform(split.TestSet)).Should().BeEquivalentTo(metrics);
        using PredictionEngine<Feedback, FeedbackScore> engine = mlContext.Model.CreatePredictionEngine<Feedback, FeedbackScore>(
            loaded, new PredictionEngineOptions { OwnsTransformer = false });
        float Reward(string text) => engine.Predict(Feedback.FromPrompt("When do you open?", text, isGood: true)).Reward;
        Reward("We open at six. Shall I have something ready for you? Have a lovely day!").Should().BeGreaterThan(
            Reward("We open at six. It is written on the door. You are holding up the line."));
    }

    [Fact]
    public void Page_ShowsThisVeryCode()
    {
        string source = File.ReadAllText(Path.Combine(TestFiles.RepositoryRoot, "tests", "Estimators", "FeedbackPageTests.cs"));

        Words(string.Join('\n', Code().Matches(s_page).Select(code => code.Groups[1].Value))).Should().Equal(
            Words(string.Join('\n', Own().Matches(source).Select(code => code.Groups[1].Value))));
    }

    [Fact]
    public void Page_NamesMetricsAndDefaultsAsTheyAre()
    {
        using PretrainedModel model = SmallModel.Create();
        KtoTrainer.Options defaults = new() { Model = model };

        (defaults.Beta, defaults.LearningRate, defaults.DesirableWeight, defaults.UndesirableWeight, defaults.Loss).Should().Be((0.1, 1e-6, 1, 1, KtoLoss.Kto));
        s_page.Should().Contain("β is 0.1 by default, both weights 1").And.Contain("1e-6, the default");
        foreach (string name in new[] { MetricNames.ChosenReward, MetricNames.RejectedReward, MetricNames.Margin, MetricNames.Accuracy, MetricNames.RocArea,
            MetricNames.Baseline, MetricNames.GoodShare })
        {
            s_page.Should().Contain($"`{name}`");
        }
    }

    private static string[] Words(string text) => text.Split((char[])[' ', '\n', '\r'], StringSplitOptions.RemoveEmptyEntries);

    private static string QuickStart(params string[] parts) => Path.Combine([TestFiles.RepositoryRoot, "examples", "QuickStart", .. parts]);

    [GeneratedRegex("```csharp\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Code();

    [GeneratedRegex(@"^ +// page\n(.*?)^ +// end", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex Own();
}
