using Microsoft.ML;
using MiniMind.MLNet.Dpo.Estimators;
using MiniMind.MLNet.Dpo.Modeling;
using MiniMind.MLNet.Dpo.Training.Batches;
using MiniMind.MLNet.Dpo.Training.Distributed;
using MiniMind.MLNet.Dpo.Transforms;

namespace MiniMind.MLNet.Dpo.Bench.Micro;

/// <summary>What the benchmarks work on, made once by the library's own steps.</summary>
internal sealed class BenchInputs
{
    /// <summary>The category of benchmarks that work on all conversations of the file.</summary>
    public const string WholeFile = "all conversations";

    /// <summary>The category of benchmarks that work on one batch of pairs.</summary>
    public const string OneBatch = "one batch";

    private static BenchInputs? s_current;

    private BenchInputs(MicroOptions options)
    {
        Options = options;
        Model = PretrainedModel.CreateRandom(new ModelConfig { HiddenSize = options.Hidden, LayerCount = options.Layers }, options.Tokenizer, seed: 1);
        Conversations = [.. Pairs().SelectMany(pair => new[] { pair.Chosen, pair.Rejected })];
        Texts = [.. Conversations.Select(json => Model.ChatTemplate.Render(ConversationMessages.Read(json).MessagesJson))];
        Tokens = [.. Texts.Select(text => Model.Tokenizer.Encode(text, addSpecialTokens: false))];
        Examples = Prepare(Pairs());
        // of middling length, as a batch sorted by length has
        Batch = [.. Examples.OrderBy(pair => pair.Chosen.InputIds.Length + pair.Rejected.InputIds.Length).Skip(Examples.Count / 2).Take(options.BatchSize)];
    }

    /// <summary>The inputs of this run.</summary>
    public static BenchInputs Current => s_current ?? throw new InvalidOperationException("The inputs are not loaded.");

    public MicroOptions Options { get; }

    public MLContext Context { get; } = new(seed: 1);

    public PretrainedModel Model { get; }

    /// <summary>Message lists, chosen and rejected in turn.</summary>
    public IReadOnlyList<string> Conversations { get; }

    /// <summary>The same, rendered.</summary>
    public IReadOnlyList<string> Texts { get; }

    /// <summary>The same, tokenized and not cut.</summary>
    public IReadOnlyList<int[]> Tokens { get; }

    public IReadOnlyList<PreferenceExample> Examples { get; }

    public IReadOnlyList<PreferenceExample> Batch { get; }

    public static void Load(MicroOptions options) => s_current = new BenchInputs(options);

    /// <summary>Runs the whole preparation over the file's rows.</summary>
    public IReadOnlyList<PreferenceExample> Prepare(IEnumerable<PreferencePair> pairs)
    {
        IDataView data = Context.Data.LoadFromEnumerable(pairs);
        IDataView prepared = Context.Transforms.PreparePreferencePairs(Model, new PreferencePreparationOptions { MaxLength = Options.MaxLength }).Fit(data)
            .Transform(data);
        return new PreferenceExampleReader(new PairColumns(), UnusablePairs.Skip, Model.Config.VocabularySize, EndTokens.Of(Model.Tokenizer), margin: null)
            .Read(prepared, new SingleProcess(), default).Pairs;
    }

    /// <summary>The file's rows.</summary>
    public IReadOnlyList<PreferencePair> Pairs() =>
        [.. Context.Data.CreateEnumerable<PreferencePair>(Context.Preferences.LoadFromJsonl(Options.Data), reuseRowObject: false)];

    /// <summary>Tokens that one operation of a benchmark goes through.</summary>
    public long TokensOf(IEnumerable<string> categories) =>
        categories.Contains(WholeFile) ? Tokens.Sum(ids => (long)ids.Length)
        : categories.Contains(OneBatch) ? Batch.Sum(pair => (long)pair.Chosen.InputIds.Length + pair.Rejected.InputIds.Length)
        : 0;
}
