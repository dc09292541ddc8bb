using Microsoft.ML;
using MiniMind.MLNet.Dpo.Data;
using MiniMind.MLNet.Dpo.Tool.Configuration;
using MiniMind.MLNet.Dpo.Tool.Runs;

namespace MiniMind.MLNet.Dpo.Tool.Inputs;

/// <summary>Pairs with the scores of a model that was named on the command line.</summary>
/// <param name="Scores">The scores.</param>
/// <param name="Reduction">How log-probabilities were reduced; <see langword="null"/> where an ML.NET file decides.</param>
/// <param name="HasReference">Whether rewards are measured against a reference.</param>
internal sealed record ScoredPairs(PairScoreRows Scores, LogProbReduction? Reduction, bool HasReference)
{
    /// <summary>What their configuration consists of.</summary>
    public static IReadOnlyList<ConfigPart> Parts { get; } =
    [
        new(typeof(DataSettings)), new(typeof(ModelSettings)), new(typeof(ReferenceSettings)), new(typeof(ScoringSettings)),
        new(typeof(PreferencePreparationOptions), "preparation"), new(typeof(PreferenceFileOptions), "reading"),
        new(typeof(FeedbackFileOptions), "feedback"), new(typeof(ModelLoadOptions), "loading"),
    ];

    /// <summary>Scores the pairs, and hands them on while the models are there.</summary>
    /// <param name="context">The context.</param>
    /// <param name="values">The configuration.</param>
    /// <param name="ofPairs">Gets them.</param>
    /// <param name="ofAnswers">Gets the scored answers instead, where the model is one that was trained on feedback.</param>
    public static void Use(MLContext context, ConfigValues values, Action<ScoredPairs> ofPairs, Action<IDataView> ofAnswers)
    {
        IReadOnlyList<string> files = values.Get<DataSettings>().Required;
        ModelSettings settings = values.Get<ModelSettings>();
        ScoringSettings scoring = values.Get<ScoringSettings>();
        using ModelInput model = ModelInput.Open(context, settings, values.Get<ModelLoadOptions>());
        if (model.Pipeline is not null)
        {
            scoring.RefuseFor(settings.Model!);
            if (values.Get<ReferenceSettings>().ReferenceModel is { } other)
                throw new ArgumentException($"'reference-model' is '{other}', but '{settings.Model}', an ML.NET file, has its own; leave it out.");
            if (values.Has("preparation"))
                throw new ArgumentException($"'preparation' is that of '{settings.Model}', an ML.NET file; leave it out.");
        }
        if (model.Answers is not null)
        {
            ofAnswers(model.Pipeline!.Transform(context.Preferences.LoadFeedbackFromFile(files, values.Get<FeedbackFileOptions>())));
            return;
        }
        if (model is { Pipeline: not null, Pairs: null })
            throw new ArgumentException($"'{settings.Model}' came of supervised fine-tuning and scores nothing; name its folder, with a reference.");
        IDataView rows = context.Preferences.LoadFromFile(files, values.Get<PreferenceFileOptions>());
        if (model.Pipeline is not null)
        {
            ofPairs(new ScoredPairs(PairScoreRows.Of(model.Pipeline.Transform(rows), new ScoreColumns(), new PairColumns().LineNumber), null, true));
            return;
        }
        using ModelInput? reference = values.Get<ReferenceSettings>().ReferenceModel is { } named
            ? ModelInput.Open(context, new ModelSettings { Model = named, Tokenizer = settings.Tokenizer }, values.Get<ModelLoadOptions>()) : null;
        DpoTrainer.Options options = scoring.Options(model.Model, reference?.Model);
        using DpoTransformer scorer = context.Preferences.Scorer(model.Model, options);
        IDataView prepared = context.Transforms.PreparePreferencePairs(model.Model, values.Get<PreferencePreparationOptions>()).Fit(rows).Transform(rows);
        PairScoreRows scores = PairScoreRows.Of(scorer.Transform(prepared), options.ScoreColumns, options.InputColumns.LineNumber);
        ofPairs(new ScoredPairs(scores, options.Reduction, reference is not null));
    }
}
