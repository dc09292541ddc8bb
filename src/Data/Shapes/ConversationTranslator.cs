using System.Text;
using System.Text.Json;

namespace MiniMind.MLNet.Dpo.Data.Shapes;

/// <summary>Brings rows of fine-tuning files into the form with <c>messages</c>, or with <c>prompt</c> and <c>completion</c>.</summary>
/// <param name="options">How they are read.</param>
/// <param name="optionsName">The class of the options that the caller set, for errors.</param>
internal sealed class ConversationTranslator(ConversationFileOptions options, string optionsName = nameof(ConversationFileOptions))
{
    private const string Needs = "the row has no conversation: it needs 'conversations', 'messages', or 'prompt' and 'completion'";

    /// <summary>Fields that say whether the answer is a good one, in files for KTO.</summary>
    public static string[] Verdicts { get; } = ["label", "kto_tag"];

    private readonly string[] _accounted =
        [.. options.ExtraColumns, .. options.NumberFields.SelectMany(number => number.Fields).Select(field => field.Field)];

    private static readonly string[] s_lists = ["conversations", "messages", "conversation"];
    private static readonly string[] s_verdictWords = ["desirable", "undesirable", "good", "bad", "chosen", "rejected"];
    private static readonly string[] s_rivals = ["chosen", "rejected", "rejected_response", "rejected_messages"];
    private static readonly string[] s_completions = ["completion", "output", "response", "answer"];

    /// <summary>Translates a row.</summary>
    /// <param name="root">The row's object.</param>
    /// <param name="at">The line's place.</param>
    /// <exception cref="PreferenceDataException">The row is of no known shape, contradicts itself, or something of it would be left out.</exception>
    public Translation Translate(JsonElement root, LineLocation at)
    {
        SourceRow row = new(root, options.IgnoredFields, at);
        if (Verdicts.FirstOrDefault(name => row.Has(name) && IsVerdict(row.Peek(name))) is { } verdict)
        {
            throw at.Fault(BadRowReason.UnreadField, verdict,
                $"the row has '{verdict}', which says whether its answer is good and would be left out; leave bad answers out of the file and name "
                + $"'{verdict}' in {nameof(options.IgnoredFields)}.");
        }

        return FindList(row) is { } list ? Whole(row, list) : Divided(row);
    }

    private Translation Whole(SourceRow row, string list)
    {
        SourceValue conversation = row.Take(list);
        if (conversation.Text is { } text && Transcript.Read(text) is { } transcript)
            conversation = SourceValue.Of(transcript);
        if (conversation.Messages is { } messages)
            conversation = SourceValue.Of(LeadFields.Before(LeadFields.TakeLead(row, options), messages, row.At));
        string? tools = LeadFields.TakeTools(row, options.Tools);
        Finish(row, [conversation]);
        bool plain = list is "conversations" or "messages";
        return new Translation([Write(tools, (plain ? list : "messages", conversation))], $"whole conversations in '{list}'", plain);
    }

    private Translation Divided(SourceRow row)
    {
        PairDraft draft = new();
        PromptShape? shape = FindPrompt(row);
        shape?.Read(row, draft);
        if (options.Completion is { } mapped)
            row.Require(mapped, nameof(options.Completion));
        string? completion = options.Completion ?? s_completions.FirstOrDefault(row.Has) ?? s_completions.FirstOrDefault(row.IsNamed);
        if (completion is null)
        {
            throw row.At.Fault(BadRowReason.MissingField, draft.Prompt is null ? "conversations" : "completion",
                $"{Needs}, and has {row.Names}. The options Messages, Prompt and Completion of {optionsName} name other fields.");
        }

        SourceValue answer = row.Take(completion);
        SourceValue? prompt = draft.Prompt;
        if (prompt?.Text is { } text && Transcript.ReadPrompt(text) is { } transcript)
        {
            prompt = SourceValue.Of(transcript);
            // the blank behind "Assistant:" belongs to the transcript
            if (answer.Text is { } said && said.StartsWith(' '))
                answer = SourceValue.Of(said[1..]);
        }
        if (answer.Text is { } dialogue && Transcript.Read(dialogue) is { } turns && Transcript.IsWhole(dialogue, turns, prompt?.Text ?? ""))
        {
            throw row.At.Fault(BadRowReason.WrongType, completion,
                $"'{completion}' is a whole transcript of '\\n\\nHuman:' and '\\n\\nAssistant:' turns, '{Excerpt.Of(dialogue)}'; give it as "
                + "'messages', or the answer alone.");
        }

        if (prompt is not null)
        {
            List<SourceMessage> lead = LeadFields.TakeLead(row, options);
            if (lead.Count > 0)
                prompt = SourceValue.Of(LeadFields.Before(lead, prompt.Messages ?? [SourceMessage.Of(MessageRole.User, prompt.Text ?? "")], row.At));
        }
        string? tools = draft.ToolsJson ?? LeadFields.TakeTools(row, options.Tools);
        Finish(row, prompt is null ? [answer] : [prompt, answer]);
        prompt ??= row.WasNamed("prompt") ? new SourceValue("", null, "\"\"") : null;
        bool plain = completion == "completion" && (shape is null || ReferenceEquals(shape, PromptShapes.All[0]));
        byte[] translated = prompt is null ? Write(tools, ("completion", answer)) : Write(tools, ("prompt", prompt), ("completion", answer));
        return new Translation([translated], $"{shape?.Name ?? "no prompt"}, the answer in '{completion}'", plain);
    }

    private static bool IsVerdict(JsonElement value) => value.ValueKind is JsonValueKind.True or JsonValueKind.False
        || (value.ValueKind == JsonValueKind.String
            && (bool.TryParse(value.GetString(), out _) || s_verdictWords.Contains(value.GetString()!.Trim().ToLowerInvariant())))
        || Numbers.Read(value) is 0 or 1;

    private string? FindList(SourceRow row)
    {
        if (options.Messages is { } mapped)
        {
            row.Require(mapped, nameof(options.Messages));
            return mapped;
        }
        if (options.Prompt is not null || options.Completion is not null)
            return null;
        if (row.Has(s_lists[0]) && row.Has(s_lists[1]))
            throw row.At.Fault(BadRowReason.RepeatedField, s_lists[1], "the row has both 'conversations' and 'messages'; keep the one that is meant.");
        return s_lists.FirstOrDefault(row.Has)
            ?? (s_completions.Any(row.IsNamed) ? null : s_lists.FirstOrDefault(list => row.IsNamed(list) && row.Peek(list).ValueKind != JsonValueKind.Null));
    }

    private PromptShape? FindPrompt(SourceRow row)
    {
        if (options.Prompt is not { } mapped)
            return PromptShapes.All.FirstOrDefault(shape => shape.Matches(row));
        row.Require(mapped, nameof(options.Prompt));
        return row.Has(mapped) ? new PromptFieldShape(mapped) : null;
    }

    private void Finish(SourceRow row, IEnumerable<SourceValue> values)
    {
        bool isMapped = options.Messages is not null || (options.Prompt is not null && options.Completion is not null);
        LeftoverPolicy policy = isMapped ? LeftoverPolicy.Mapped : LeftoverPolicy.OneAnswer;
        HashSet<string> texts = ReadTexts.Of(row, values);
        if (!isMapped && s_completions.Concat(s_rivals).FirstOrDefault(IsAnswer) is { } other)
        {
            throw row.At.Fault(BadRowReason.UnreadField, other,
                $"the row has '{other}' besides the answer that was read, and it would be left out. The row has {row.Names}. Name the answer by "
                + $"the options Prompt and Completion, or Messages, of {optionsName}, or name '{other}' in " +
                    $"{nameof(options.IgnoredFields)}.");
        }

        Leftovers.Check(row, texts, _accounted, policy, optionsName);

        bool IsAnswer(string name) =>
            row.HasText(name) && !texts.Contains(row.Peek(name).GetString()!.Trim()) && Numbers.Read(row.Peek(name)) is null;
    }

    private static byte[] Write(string? tools, params (string Name, SourceValue Value)[] fields)
    {
        IEnumerable<string> parts = fields.Select(field => $"\"{field.Name}\":{field.Value.Json}");
        return Encoding.UTF8.GetBytes($"{{{string.Join(',', tools is null ? parts : parts.Append($"\"tools\":{tools}"))}}}");
    }
}
