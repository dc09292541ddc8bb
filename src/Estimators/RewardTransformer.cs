using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using MiniMind.MLNet.Dpo.Estimators;
using MiniMind.MLNet.Dpo.Transforms.Persistence;
using MiniMind.MLNet.Dpo.Transforms.Rows;

[assembly: LoadableClass(typeof(RewardTransformer), null, typeof(SignatureLoadModel), "DPO reward model", RewardTransformer.LoaderName)]

namespace MiniMind.MLNet.Dpo.Estimators;

/// <summary>Appends the implicit reward of one conversation, beta * (log pi - log ref) of its responses. Owns its share of the networks; thread-safe.</summary>
internal sealed class RewardTransformer : ITransformer, IDisposable
{
    public const string LoaderName = "MiniMindReward";
    private const string SettingsEntry = "reward.json";
    private static readonly ModelFormat s_format = new("MMREWARD", LoaderName);

    private readonly DpoTransformer _trained;
    private readonly RewardSettings _settings;
    private readonly RewardScoring _scoring;

    public RewardTransformer(DpoTransformer trained, ResponseScorer scorer, int batchSize, RewardSettings settings, bool isSaved)
    {
        (_trained, _settings) = (trained, settings);
        _scoring = new RewardScoring(scorer, new ConversationPreparation(
            trained.Tokenizer, trained.ChatTemplate, settings.MaxLength, settings.ControlTokens, isSaved), settings, batchSize);
    }

    public bool IsRowToRowMapper => true;

    public DataViewSchema GetOutputSchema(DataViewSchema inputSchema) => new RowMapper(new BatchOfOne(_scoring), inputSchema).OutputSchema;

    public IRowToRowMapper GetRowToRowMapper(DataViewSchema inputSchema) => new RowMapper(new BatchOfOne(_scoring), inputSchema);

    public IDataView Transform(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        return new BatchedDataView(input, _scoring);
    }

    public void Dispose() => _trained.Dispose();

    void ICanSaveModel.Save(ModelSaveContext ctx)
    {
        ModelEntryWriter writer = new(ctx, s_format);
        writer.WriteJson(SettingsEntry, _settings);
        _trained.WriteTo(writer);
    }

    private static RewardTransformer Create(IHostEnvironment env, ModelLoadContext ctx)
    {
        ModelEntryReader reader = new(ctx, s_format);
        RewardSettings settings = reader.ReadJson(SettingsEntry, (RewardSettings read) => read);
        return DpoTransformerFile.Read(reader, env).IntoRewardModel(settings, isSaved: true);
    }
}
