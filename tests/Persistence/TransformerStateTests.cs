using Microsoft.Extensions.AI;
using Microsoft.ML;
using Microsoft.ML.Data;
using MiniMind.MLNet.Dpo.Tests.Infrastructure;
using MiniMind.MLNet.Dpo.Tests.Weights;
using MiniMind.MLNet.Dpo.Training;
using MiniMind.MLNet.Dpo.Training.Batches;

namespace MiniMind.MLNet.Dpo.Tests.Persistence;

/// <summary>What trained transformers keep besides their scores.</summary>
public sealed class TransformerStateTests
{
    private readonly MLContext _context = new(seed: 1);

    [Fact]
    public async Task Load_FineTunedModelInItsChain_IsTheSameModel()
    {
        using PretrainedModel model = SmallModel.Create();
        IDataView data = _context.Data.LoadFromEnumerable(
            Enumerable.Range(0, 4)
            .Select(i => new Conversations { Conversation = Transforms.Combinations.SmallChat.Conversation($"Number {i}?", $"It is {i}.") }));
        using TransformerChain<SftTransformer> trained = _context.Transforms.ApplyChatTemplate(model.ChatTemplate, [new("Text", "Conversation")])
            .Append(_context.Transforms.TokenizeConversations(model.Tokenizer, [new("ConversationTokens", "Text")]))
            .Append(_context.Transforms.MaskResponses(model, [new("ConversationMask", "ConversationTokens")]))
            .Append(_context.Transforms.ShiftForNextToken("Conversation"))
            .Append(_context.Preferences.Trainers.Sft(new SftTrainer.Options { Model = model, LearningRate = 1e-2 }))
            .Fit(data);

        using TransformerChain<ITransformer> loaded = (TransformerChain<ITransformer>)Load(TinyScorer.Save(_context, trained));

        SftTransformer again = (SftTransformer)loaded.LastTransformer;
        SftTransformer first = trained.LastTransformer;
        Fingerprint.Named(again.Model.Network.Network).Should().Be(Fingerprint.Named(first.Model.Network.Network))
            .And.NotBe(Fingerprint.Named(model.Network.Network));
        again.Model.Config.ShouldSay(first.Model.Config);
        again.Model.ChatTemplate.Source.Should().Be(model.ChatTemplate.Source);
        again.Model.Tokenizer.TokenizerJson.ToArray().Should().Equal(model.Tokenizer.TokenizerJson.ToArray());
        again.TrainingSummary.Should().BeEquivalentTo(first.TrainingSummary);
        (await Answer(again)).Should().Be(await Answer(first));
        using PredictionEngine<Conversations, Shifted> before = _context.Model.CreatePredictionEngine<Conversations,
            Shifted>(trained, new PredictionEngineOptions { OwnsTransformer = false });
        using PredictionEngine<Conversations, Shifted> after = _context.Model.CreatePredictionEngine<Conversations,
            Shifted>(loaded, new PredictionEngineOptions { OwnsTransformer = false });
        Conversations row = new() { Conversation = Transforms.Combinations.SmallChat.Conversation("And?", "No.") };
        after.Predict(row).ConversationInputIds.Should().Equal(before.Predict(row).ConversationInputIds).And.NotBeEmpty();

        static async Task<string> Answer(SftTransformer transformer)
        {
            using IChatClient chat = transformer.Model.AsChatClient();
            return (await chat.GetResponseAsync("Hello?", new ChatOptions { Temperature = 0, MaxOutputTokens = 8 })).Text;
        }
    }

    [Fact]
    public void Load_WithoutReference_GivesTheSameLogProbsAndRefusesRewards()
    {
        using DpoTransformer scorer = TinyScorer.Create(withReference: false);
        using DpoTransformer loaded = (DpoTransformer)Load(TinyScorer.Save(_context, scorer));
        IDataView data = _context.Data.LoadFromEnumerable([new PreparedPair
        {
            ChosenInputIds = [3, 4, 5], ChosenLabels = [4, 5, 6], ChosenLossMask = [0, 1, 1], RejectedInputIds = [3, 4], RejectedLabels = [4, 7],
                RejectedLossMask = [0, 1],
        }]);

        foreach (string column in (string[])["ChosenLogProb", "RejectedLogProb"])
        {
            loaded.Transform(data).GetColumn<float>(column).Should().Equal(scorer.Transform(data).GetColumn<float>(column))
                .And.OnlyContain(value => float.IsFinite(value));
        }

        FluentActions.Invoking(() => loaded.Transform(data).GetColumn<float>("Margin").ToList()).Should().Throw<InvalidOperationException>()
            .WithMessage("*need the reference model*KeepReference*");
        FluentActions.Invoking(() => loaded.AsRewardModel()).Should().Throw<InvalidOperationException>().WithMessage("*KeepReference*");
    }

    [Fact]
    public void Load_SummaryWithNumbersThatAreNotFinite_IsWhatWasSaved()
    {
        TrainingPoint overflown = new(1, 0.5, 1e-6, double.PositiveInfinity, new Dictionary<string, double> { ["loss"] = double.NaN }, 4, 40, 30, 1,
            TimeSpan.FromSeconds(1));
        using DpoTransformer scorer = TinyScorer.Create(withReference: true, overflown);

        using DpoTransformer loaded = (DpoTransformer)Load(TinyScorer.Save(_context, scorer));

        loaded.TrainingSummary.Should().BeEquivalentTo(scorer.TrainingSummary);
    }

    private ITransformer Load(byte[] file) => _context.Model.Load(new MemoryStream(file), out _);

    private sealed class Conversations
    {
        public string Conversation { get; set; } = "";
    }

    private sealed class Shifted
    {
        public int[] ConversationInputIds { get; set; } = [];
    }
}
