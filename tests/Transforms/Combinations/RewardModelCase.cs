using Microsoft.ML;
using MiniMind.MLNet.Dpo.Tests.Infrastructure;

namespace MiniMind.MLNet.Dpo.Tests.Transforms.Combinations;

/// <summary>
/// A reward model of a tiny trained policy, and conversations for it; it scores row by row, for the same reason as <see cref="DpoTrainerCase"/>.
/// </summary>
public static class RewardModelCase
{
    private static readonly Lazy<ITransformer> s_model = new(() =>
    {
        MLContext context = new(seed: 1);
        using PretrainedModel model = SmallModel.Create();
        using DpoTransformer trained = context.Preferences.Trainers.Dpo(new DpoTrainer.Options { Model = model, LearningRate = 1e-3, ScoringBatchSize = 1 })
            .Fit(SmallModel.Pairs(context, 8));
        return trained.AsRewardModel();
    });

    public static Dictionary<string, string[]> Reads => new() { ["Reward"] = ["Conversation"] };

    public static Input[] Rows => [.. SmallChat.Pairs.Take(9).Select(pair => new Input { Conversation = pair.Chosen })];

    public static IEstimator<ITransformer> Estimator(MLContext context) => new Fitted(s_model.Value);

    public sealed class Input : CaseRow
    {
        public string Conversation { get; set; } = "";
    }

    public sealed class Output : CaseRow
    {
        public float Reward { get; set; }
    }

    /// <summary>Hands the transformer out, whose columns it knows from the transformer itself.</summary>
    private sealed class Fitted(ITransformer transformer) : IEstimator<ITransformer>
    {
        public ITransformer Fit(IDataView input)
        {
            transformer.GetOutputSchema(input.Schema);
            return transformer;
        }

        public SchemaShape GetOutputSchema(SchemaShape inputSchema)
        {
            DataViewSchema.Builder builder = new();
            foreach (SchemaShape.Column column in inputSchema)
                builder.AddColumn(column.Name, column.ItemType);
            return SchemaShape.Create(transformer.GetOutputSchema(builder.ToSchema()));
        }
    }
}
