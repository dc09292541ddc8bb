using Microsoft.ML;
using MiniMind.MLNet.Dpo.Tests.Infrastructure;

namespace MiniMind.MLNet.Dpo.Tests.Estimators;

public sealed class ScorerTests
{
    [Fact]
    public void Scorer_OfATrainedPolicy_ScoresAsWhatTrainedIt()
    {
        MLContext context = new(seed: 1);
        using PretrainedModel model = SmallModel.Create();
        IDataView pairs = SmallModel.Pairs(context, 6);
        DpoTrainer.Options options = new()
        {
            Model = model, LearningRate = 1e-2, Beta = 0.3, Loss = PreferenceLoss.Robust(0.2), Reduction = LogProbReduction.Sum,
        };
        using DpoTransformer trained = context.Preferences.Trainers.Dpo(options).Fit(pairs);
        using PretrainedModel policy = trained.AsModel();

        using DpoTransformer scorer = context.Preferences.Scorer(policy, options);

        Margins(context, scorer.Transform(pairs)).Should().Equal(Margins(context, trained.Transform(pairs))).And.NotContain(0);
        context.Preferences.Evaluate(scorer.Transform(pairs)).Loss.Should().Be(context.Preferences.Evaluate(trained.Transform(pairs)).Loss);
        scorer.TrainingSummary.Steps.Should().Be(0);
    }

    [Fact]
    public void Scorer_WithoutReference_GivesThePolicysOwnMargins()
    {
        MLContext context = new(seed: 1);
        using PretrainedModel policy = SmallModel.Create();
        IDataView pairs = SmallModel.Pairs(context, 4);

        using DpoTransformer scorer = context.Preferences.Scorer(policy, new DpoTrainer.Options { Model = policy, Reference = ReferenceMode.None, Beta = 1 });

        foreach (PreferenceScore row in context.Data.CreateEnumerable<PreferenceScore>(scorer.Transform(pairs), reuseRowObject: false))
            row.Margin.Should().BeApproximately(row.ChosenLogProb - row.RejectedLogProb, 1e-6f);
    }

    [Fact]
    public void Scorer_DisposedModels_LivesOn()
    {
        MLContext context = new(seed: 1);
        PretrainedModel policy = SmallModel.Create(), reference = SmallModel.Create(seed: 2);
        IDataView pairs = SmallModel.Pairs(context, 4);

        using DpoTransformer scorer = context.Preferences.Scorer(policy, new DpoTrainer.Options { Model = reference });
        policy.Dispose();
        reference.Dispose();

        Margins(context, scorer.Transform(pairs)).Should().NotContain(0).And.OnlyContain(margin => float.IsFinite(margin));
    }

    [Fact]
    public void Scorer_OptionsThatAreNotValid_AreRefused()
    {
        MLContext context = new(seed: 1);
        using PretrainedModel policy = SmallModel.Create();

        FluentActions.Invoking(() => context.Preferences.Scorer(policy, new DpoTrainer.Options { Model = policy, Beta = 0 }))
            .Should().Throw<ArgumentException>().WithMessage("*Beta is 0*");
    }

    private static IEnumerable<float> Margins(MLContext context, IDataView scored) =>
        context.Data.CreateEnumerable<PreferenceScore>(scored, reuseRowObject: false).Select(row => row.Margin);
}
