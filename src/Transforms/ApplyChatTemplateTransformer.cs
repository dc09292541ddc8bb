using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using MiniMind.MLNet.Dpo.Tokenization;
using MiniMind.MLNet.Dpo.Transforms;
using MiniMind.MLNet.Dpo.Transforms.Persistence;
using MiniMind.MLNet.Dpo.Transforms.Rows;

[assembly: LoadableClass(typeof(ApplyChatTemplateTransformer), null, typeof(SignatureLoadModel), "Apply chat template",
    ApplyChatTemplateTransformer.LoaderName)]

namespace MiniMind.MLNet.Dpo.Transforms;

/// <summary>Renders conversations by a model's chat template; all columns of a row share one decision about empty think blocks.</summary>
internal sealed class ApplyChatTemplateTransformer : RowToRowTransformer
{
    /// <summary>The name that a saved model knows this class by.</summary>
    public const string LoaderName = "MiniMindChatTemplate";

    private const string SettingsEntry = "settings.json";

    private static readonly ModelFormat s_format = new("MM CHATT", LoaderName);

    private readonly ApplyChatTemplateSettings _settings;
    private readonly Func<string, ChatTemplateOptions, string> _render;
    private readonly ChatTemplateOptions _options;

    public ApplyChatTemplateTransformer(ApplyChatTemplateSettings settings)
        : base(
            ColumnPair.Checked(settings.Columns).Select(pair => InputColumn.Text(pair.Input)),
            settings.Columns.Select((pair, i) => new OutputColumn(
                pair.Output, TextDataViewType.Instance, Chooses(settings) ? [.. Enumerable.Range(0, settings.Columns.Length)] : [i])))
    {
        if (double.IsNaN(settings.EmptyThinkRatio) || settings.EmptyThinkRatio is < 0 or > 1)
        {
            throw new ArgumentOutOfRangeException(nameof(settings), settings.EmptyThinkRatio,
                "The share of rows that keep empty think blocks is between 0 and 1.");
        }

        _settings = settings;
        _render = RendererOf(settings);
        _options = settings.Template.Options();
    }

    /// <inheritdoc/>
    public override Delegate?[] CreateGetters(InputRow row, IReadOnlyList<bool> isActive)
    {
        if (!isActive.Contains(true))
            return new Delegate?[isActive.Count];
        Func<ReadOnlyMemory<char>>?[] conversations =
            [.. Enumerable.Range(0, Inputs.Count).Select(i => Chooses(_settings) || isActive[i] ? row.Once(row.Text(i)) : null)];
        Func<bool> keepsThinkBlocks = Chooses(_settings)
            ? row.Once(() => ThinkBlocks.Keeps(_settings.EmptyThinkRatio, _settings.Seed, KeyOf(conversations)))
            : () => _settings.EmptyThinkRatio > 0;
        return [.. isActive.Select((active, i) => active
            ? OutputGetter.Text(row.Once(() => Render(row, i, conversations[i]!().ToString(), keepsThinkBlocks()))) : null)];
    }

    /// <inheritdoc/>
    public override void Save(ModelSaveContext ctx) => new ModelEntryWriter(ctx, s_format).WriteJson(SettingsEntry, _settings);

    private static ApplyChatTemplateTransformer Create(IHostEnvironment env, ModelLoadContext ctx) =>
        new ModelEntryReader(ctx, s_format).ReadJson(SettingsEntry, (ApplyChatTemplateSettings settings) => new ApplyChatTemplateTransformer(settings));

    private static bool Chooses(ApplyChatTemplateSettings settings) => settings.EmptyThinkRatio is > 0 and < 1;

    private static Func<string, ChatTemplateOptions, string> RendererOf(ApplyChatTemplateSettings settings)
    {
        ChatTemplate template = settings.Template.Parse();
        if (settings.ControlTokens is not { } policy)
            return template.Render;
        if (!Enum.IsDefined(policy))
        {
            throw new ArgumentOutOfRangeException(nameof(settings), policy,
                $"A control token policy is one of {string.Join(", ", Enum.GetNames<ControlTokenPolicy>())}.");
        }

        return new ConversationText(template.WithTokens((settings.AddedTokens ?? []).Select(token => new TemplateToken(token.Key, token.Value))),
            policy).Render;
    }

    private string Render(InputRow row, int input, string conversation, bool keepsThinkBlocks) => row.Explain(Inputs[input].Name, conversation, () =>
    {
        ConversationMessages messages = ConversationMessages.Read(conversation);
        ChatTemplateOptions options = messages.ToolsJson is { } tools ? _settings.Template.Options(tools) : _options;
        string text = _render(messages.MessagesJson, options);
        UnwrittenMessages.Check(messages.MessagesJson, text);
        return ThinkBlocks.Apply(text, keepsThinkBlocks);
    });

    // By the contents, not by the place: a row is shuffled, cached and predicted alone, and must come out the same.
    private static ulong KeyOf(Func<ReadOnlyMemory<char>>?[] conversations)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> length = stackalloc byte[sizeof(int)];
        foreach (Func<ReadOnlyMemory<char>>? conversation in conversations)
        {
            ReadOnlySpan<char> text = conversation!().Span;
            BinaryPrimitives.WriteInt32LittleEndian(length, text.Length);
            hash.AppendData(length);
            hash.AppendData(MemoryMarshal.AsBytes(text));
        }
        return BinaryPrimitives.ReadUInt64LittleEndian(hash.GetHashAndReset());
    }
}
