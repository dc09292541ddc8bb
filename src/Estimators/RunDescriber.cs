using System.Globalization;
using Microsoft.ML;
using MiniMind.MLNet.Dpo.Data;
using MiniMind.MLNet.Dpo.Training.Batches;
using MiniMind.MLNet.Dpo.Training.Records;
using MiniMind.MLNet.Dpo.Training.References;
using MiniMind.MLNet.Dpo.Transforms.Masking;
using MiniMind.MLNet.Dpo.Weights;
using TorchSharp;

namespace MiniMind.MLNet.Dpo.Estimators;

/// <summary>Says for the run's records what is trained on what and how.</summary>
internal static class RunDescriber
{
    private const string SupervisedFormula =
        "-sum over counted tokens of log pi(token | tokens before), divided by their number in the step; next-token cross-entropy as in MiniMind's " +
        "train_full_sft.py";

    /// <summary>Describes preference training.</summary>
    public static RunDescription Preferences(
        DpoTrainer.Options options, IReferenceLogProbs reference, IReadOnlyList<PreferenceExample> pairs, IReadOnlyList<SkippedPair> skipped,
            TruncationReport? truncation,
        DataViewSchema schema, ComputeSettings compute, Func<DiagnosisSample> diagnosis)
    {
        ModelDescription model = Model(options.Model);
        Response[] sides = [.. pairs.SelectMany(pair => new[] { pair.Chosen, pair.Rejected })];
        string? mode = reference switch
        {
            AbsentReference => null,
            LiveReference when options.ReferenceSync is { } sync =>
                InvariantText.Of($"runs in every step, and becomes {sync.Alpha} of the policy and the rest itself every {sync.EverySteps} steps"),
            LiveReference => "runs in every step",
            _ => "computed once",
        };
        return new RunDescription
        {
            Trainer = "dpo", Formula = options.Loss.Formula(withReference: mode is not null) + Weighing(options, pairs)
                + Balancing(options.Model), Objective = options.Objective, Reduction = options.Reduction.ToString(),
            Reference = mode is null ? null : new ReferenceDescription(
                mode, options.ReferenceModel is { } other ? WeightHash.Sha256(other.Network.Network) : model.Sha256),
            MaskRule = MaskRuleAnnotation.Find(schema.GetColumnOrNull(options.InputColumns.ChosenLossMask)),
            Model = model, Data = Data(pairs.Count, sides, skipped, truncation, schema), Compute = Compute(options, compute),
            Options = OptionValues.Of(options), Masks = () => MaskSamples.Of(pairs, options.Model.Tokenizer), Diagnosis = diagnosis,
        };
    }

    /// <summary>Describes supervised fine-tuning.</summary>
    public static RunDescription Conversations(
        SftTrainer.Options options, IReadOnlyList<Response> responses, IReadOnlyList<long> lines, IReadOnlyList<SkippedPair> skipped,
            TruncationReport? truncation, DataViewSchema schema, ComputeSettings compute) => new()
            {
                Trainer = "sft", Formula = SupervisedFormula
                    + (PairWeights.AreGiven(responses) ? $"; each conversation weighed by '{options.WeightColumnName}', in both" : "")
                    + Balancing(options.Model),
                MaskRule = MaskRuleAnnotation.Find(schema.GetColumnOrNull(options.LossMaskColumnName)), Model = Model(options.Model),
                Data = Data(responses.Count, responses, skipped, truncation, schema),
                Compute = Compute(options, compute), Options = OptionValues.Of(options),
                Masks = () => MaskSamples.Of(responses, lines, options.Model.Tokenizer),
            };

    /// <summary>Describes training on feedback.</summary>
    public static RunDescription Feedback(
        KtoTrainer.Options options, IReadOnlyList<FeedbackExample> rows, IReadOnlyList<SkippedPair> skipped, TruncationReport? truncation,
        DataViewSchema schema, ComputeSettings compute)
    {
        ModelDescription model = Model(options.Model);
        return new RunDescription
        {
            Trainer = "kto", Formula = options.Objective.Formula + Balancing(options.Model), Reduction = "Sum",
            Reference = new ReferenceDescription(
                "runs in every step", options.ReferenceModel is { } other ? WeightHash.Sha256(other.Network.Network) : model.Sha256),
            MaskRule = MaskRuleAnnotation.Find(schema.GetColumnOrNull(options.InputColumns.LossMask)), Model = model,
            Data = Data(rows.Count, [.. rows.Select(row => row.Response)], skipped, truncation, schema), Compute = Compute(options, compute),
            Options = OptionValues.Of(options), Masks = () => MaskSamples.Of(rows, options.Model.Tokenizer),
        };
    }

    private static ModelDescription Model(PretrainedModel model) => new(model.ParameterCount, WeightHash.Sha256(model.Network.Network), model.Config);

    private static string Weighing(DpoTrainer.Options options, IReadOnlyList<PreferenceExample> pairs) =>
        (options.Margin is { } margin ? $", {margin.Formula} taken from the rewards' difference" : "")
        + (PairWeights.AreGiven(pairs) ? $"; each pair weighed by '{options.InputColumns.Weight}', over the sum of a step's weights" : "");

    private static string Balancing(PretrainedModel model) =>
        model.Config.Experts is { } experts ? string.Create(
            CultureInfo.InvariantCulture, $"; plus the experts' load-balancing loss with coefficient {experts.AuxLossCoefficient}") : "";

    private static ComputeDescription Compute(TrainingOptions options, ComputeSettings compute) =>
        new(compute.Device.ToString(), compute.Precision.ToString(), torch.get_num_threads(), options.Communicator?.Size ?? 1);

    private static DataDescription Data(int examples, IReadOnlyList<Response> responses, IReadOnlyList<SkippedPair> skipped, TruncationReport? truncation,
        DataViewSchema schema)
    {
        BadRowReport? badRows = BadRowReport.Find(schema);
        bool manyFiles = badRows?.Rows.Select(row => row.Path).Distinct().Count() > 1;
        return new DataDescription(
            examples, responses.Sum(r => (long)r.InputIds.Length), responses.Sum(r => (long)r.LossTokens), Fingerprint.Of(responses),
            [.. skipped.GroupBy(s => s.Reason).Select(g => new LinesLeftOut(g.Key, g.Count(), [.. g.Take(LinesLeftOut.MostListed).Select(s => $"{s.Line}")]))],
            [.. (badRows?.CountsByReason ?? new Dictionary<BadRowReason, long>()).Select(pair => new LinesLeftOut($"{pair.Key}", pair.Value,
                [.. badRows!.Rows.Where(row => row.Reason == pair.Key).Take(LinesLeftOut.MostListed)
                    .Select(row => manyFiles ? $"{row.Path}:{row.LineNumber}" : $"{row.LineNumber}")]))],
            truncation);
    }
}
