using Microsoft.Extensions.AI;
using Microsoft.ML;
using Microsoft.ML.Data;
using MiniMind.MLNet.Dpo.Tests.Infrastructure;

namespace MiniMind.MLNet.Dpo.Tests.Estimators;

/// <summary>Every step of a run as an app writes it, with the default learning rate. The README's own sample is run by <c>ReadmeSampleTests</c>.</summary>
public sealed class ContractTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("contract").FullName;

    [Fact]
    public async Task Steps_OnTheQuickStartsModel_RunWhole()
    {
        MLContext mlContext = new(seed: 42);

        using PretrainedModel baseModel = PretrainedModel.Load(QuickStart("model"));

        IDataView pairs = mlContext.Data.TakeRows(mlContext.Preferences.LoadFromJsonl(QuickStart("data", "train.jsonl")), 40);
        var split = mlContext.Data.TrainTestSplit(pairs, testFraction: 0.2);

        var prepare = mlContext.Transforms
            .ApplyChatTemplate(baseModel.ChatTemplate, [new("ChosenText", "Chosen"), new("RejectedText", "Rejected")])
            .Append(mlContext.Transforms.TokenizeConversations(baseModel.Tokenizer,
                [new("ChosenTokens", "ChosenText"), new("RejectedTokens", "RejectedText")], maxLength: 1024))
            .Append(mlContext.Transforms.MaskResponses(baseModel,
                [new("ChosenMask", "ChosenTokens"), new("RejectedMask", "RejectedTokens")]))
            .Append(mlContext.Transforms.ShiftForNextToken("Chosen"))
            .Append(mlContext.Transforms.ShiftForNextToken("Rejected"));
        var prepared = mlContext.Transforms.PreparePreferencePairs(baseModel, new PreferencePreparationOptions { MaxLength = 1024 });

        var pipeline = prepared.Append(mlContext.Preferences.Trainers.Dpo(new DpoTrainer.Options
        {
            Model = baseModel, Beta = 0.15, LearningRate = 4e-8, BatchSize = 4, Epochs = 1,
        }));
        TransformerChain<DpoTransformer> trained = pipeline.Fit(split.TrainSet);

        PreferenceMetrics metrics = mlContext.Preferences.Evaluate(trained.Transform(split.TestSet));
        Console.WriteLine($"accuracy {metrics.Accuracy:P1}, mean margin {metrics.MeanMargin:F4}, loss {metrics.Loss:F4}");

        var engine = mlContext.Model.CreatePredictionEngine<PreferencePair, PreferenceScore>(trained);
        PreferenceScore score = engine.Predict(PreferencePair.FromPrompt("What is the capital of France?", chosen: "Paris.", rejected: "I do not care."));
        Console.WriteLine($"margin {score.Margin:F4}, P(chosen preferred) {score.Probability:F3}");

        IChatClient chat = trained.LastTransformer.AsChatClient();
        ChatResponse answer = await chat.GetResponseAsync("Why is the sky blue?");
        Console.WriteLine(answer);

        mlContext.Model.Save(trained, pairs.Schema, Path.Combine(_folder, "dpo.zip"));
        trained.LastTransformer.SaveModel(Path.Combine(_folder, "minimind-dpo"));

        metrics.Count.Should().BePositive();
        metrics.Loss.Should().BeApproximately(Math.Log(2), 1e-3, "a rate of 4e-8 moves a model very little in a few steps");
        float.IsFinite(score.Margin).Should().BeTrue();
        answer.Text.Should().NotBeEmpty();
        answer.Usage!.OutputTokenCount.Should().BePositive();
        Same(prepare, prepared, split.TrainSet);
        ShouldScoreTheSame(mlContext, trained, mlContext.Model.Load(Path.Combine(_folder, "dpo.zip"), out _), split.TestSet);
        using PretrainedModel saved = PretrainedModel.Load(Path.Combine(_folder, "minimind-dpo"));
        saved.ParameterCount.Should().Be(baseModel.ParameterCount);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static string QuickStart(params string[] parts) => Path.Combine([TestFiles.RepositoryRoot, "examples", "QuickStart", .. parts]);

    private static void Same(IEstimator<ITransformer> steps, IEstimator<ITransformer> verb, IDataView data)
    {
        IDataView one = steps.Fit(data).Transform(data), other = verb.Fit(data).Transform(data);
        foreach (string column in new[] { "ChosenInputIds", "ChosenLabels", "RejectedInputIds", "RejectedLabels" })
            one.GetColumn<int[]>(column).Should().BeEquivalentTo(other.GetColumn<int[]>(column), o => o.WithStrictOrdering(), column);
        foreach (string column in new[] { "ChosenLossMask", "RejectedLossMask" })
            one.GetColumn<float[]>(column).Should().BeEquivalentTo(other.GetColumn<float[]>(column), o => o.WithStrictOrdering(), column);
    }

    private static void ShouldScoreTheSame(MLContext mlContext, ITransformer before, ITransformer after, IDataView data)
    {
        foreach (string column in new[] { "ChosenLogProb", "RejectedLogProb", "ChosenReward", "RejectedReward", "Margin", "Probability" })
            after.Transform(data).GetColumn<float>(column).Should().Equal(before.Transform(data).GetColumn<float>(column), column);
    }
}
