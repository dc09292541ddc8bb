using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using MiniMind.MLNet.Dpo.Data;
using MiniMind.MLNet.Dpo.Transforms;
using MiniMind.MLNet.Dpo.Transforms.Persistence;
using MiniMind.MLNet.Dpo.Transforms.Rows;

[assembly: LoadableClass(typeof(ConvertToConversationsTransformer), null, typeof(SignatureLoadModel), "Convert to conversations",
    ConvertToConversationsTransformer.LoaderName)]

namespace MiniMind.MLNet.Dpo.Transforms;

/// <summary>Makes conversations, JSON message lists, of columns of plain text: a prompt, one or several answers to it, and what the system says.</summary>
internal sealed class ConvertToConversationsTransformer : RowToRowTransformer
{
    /// <summary>The name that a saved model knows this class by.</summary>
    public const string LoaderName = "MiniMindConversations";

    private const string SettingsEntry = "settings.json";
    private const int Prompt = 0;

    private static readonly ModelFormat s_format = new("MM CONVS", LoaderName);

    private readonly ConvertToConversationsSettings _settings;

    public ConvertToConversationsTransformer(ConvertToConversationsSettings settings)
        : base(InputsOf(settings.Checked()), settings.Columns
            .Select((pair, i) => new OutputColumn(pair.Output, TextDataViewType.Instance, SourcesOf(settings, i))))
    {
        _settings = settings;
    }

    private int LineNumber => _settings.Columns.Length + 1;

    private int System => _settings.Columns.Length + 2;

    /// <inheritdoc/>
    public override Delegate?[] CreateGetters(InputRow row, IReadOnlyList<bool> isActive)
    {
        if (!isActive.Contains(true))
            return new Delegate?[isActive.Count];
        Func<long>? line = row.ScalarIfThere<long>(LineNumber);
        Func<string> place = () => line is null ? $"Row {row.Position}" : $"Line {line()}";
        Func<string> prompt = row.Once(Needed(row.Text(Prompt), _settings.Prompt, place, "give what the answers answer"));
        Func<string?> system = _settings.System is null ? () => null : row.Once(Given(row.Text(System), _settings.System, place));
        return [.. isActive.Select((active, i) => active ? OutputGetter.Text(row.Once(Conversation(row, i, system, prompt, place))) : null)];
    }

    /// <inheritdoc/>
    public override void Save(ModelSaveContext ctx) => new ModelEntryWriter(ctx, s_format).WriteJson(SettingsEntry, _settings);

    private static ConvertToConversationsTransformer Create(IHostEnvironment env, ModelLoadContext ctx) =>
        new ModelEntryReader(ctx, s_format).ReadJson(SettingsEntry,
            (ConvertToConversationsSettings settings) => new ConvertToConversationsTransformer(settings));

    private static IEnumerable<InputColumn> InputsOf(ConvertToConversationsSettings settings) =>
    [
        InputColumn.Text(settings.Prompt),
        .. settings.Columns.Select(pair => InputColumn.Text(pair.Input)),
        new InputColumn(settings.LineNumber, NumberDataViewType.Int64) { IsOptional = true },
        .. settings.System is null ? [] : new[] { InputColumn.Text(settings.System) },
    ];

    private static int[] SourcesOf(ConvertToConversationsSettings settings, int output)
    {
        int line = settings.Columns.Length + 1;
        return settings.System is null ? [Prompt, output + 1, line] : [Prompt, output + 1, line, line + 1];
    }

    private Func<string> Conversation(InputRow row, int output, Func<string?> system, Func<string> prompt, Func<string> place)
    {
        Func<string> answer = Needed(row.Text(output + 1), _settings.Columns[output].Input, place, "an answer needs text");
        MessageListWriter writer = new();
        return () =>
        {
            writer.Begin();
            if (system() is { } said)
                writer.Add(MessageRole.System, said);
            writer.Add(MessageRole.User, prompt());
            writer.Add(MessageRole.Assistant, answer());
            return writer.End();
        };
    }

    private static Func<string> Needed(Func<ReadOnlyMemory<char>> read, string column, Func<string> place, string remedy)
    {
        Func<string?> given = Given(read, column, place);
        return () => given() ?? throw new InvalidOperationException($"{place()}, column '{column}': the text is blank; {remedy}.");
    }

    // A blank text is none: stores and tables have nothing else for what is absent.
    private static Func<string?> Given(Func<ReadOnlyMemory<char>> read, string column, Func<string> place) => () =>
    {
        string text = read().ToString();
        if (string.IsNullOrWhiteSpace(text))
            return null;
        int half = text.AsSpan().IndexOfAnyInRange('\uD800', '\uDFFF') < 0 ? -1 : UnpairedSurrogate(text);
        return half < 0 ? text : throw new InvalidOperationException(
            $"{place()}, column '{column}': character {half + 1} is half of a pair (\\u{(int)text[half]:x4}), which is no text.");
    };

    private static int UnpairedSurrogate(string text)
    {
        for (int i = 0; i < text.Length; i++)
        {
            if (i + 1 < text.Length && char.IsSurrogatePair(text[i], text[i + 1]))
                i++;
            else if (char.IsSurrogate(text[i]))
                return i;
        }
        return -1;
    }
}
