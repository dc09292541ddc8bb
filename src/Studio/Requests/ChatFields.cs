using System.Text.Json;
using Microsoft.Extensions.AI;
using MiniMind.MLNet.Dpo.AspNetCore.Responses;

namespace MiniMind.MLNet.Dpo.AspNetCore.Requests;

/// <summary>Reads a request for an answer in a conversation: every field acts, changes nothing in the value that it has, or is refused by its name.</summary>
internal static class ChatFields
{
    private const int MostTopLogProbs = 20;

    private static readonly Dictionary<string, string> s_refused = new()
    {
        ["audio"] = "answers are text",
        ["function_call"] = "it is of before 'tools'; use 'tool_choice'",
        ["functions"] = "it is of before 'tools'; use those",
        ["moderation"] = "nothing is moderated here",
        ["prediction"] = "answers are not predicted",
        ["prompt_cache_options"] = "beginnings that were read before are kept without being asked for",
        ["prompt_cache_retention"] = "beginnings that were read before are kept as long as there is room",
        ["reasoning_effort"] = "nothing says how a model is made to think more or less; give the variable of its template in 'chat_template_kwargs'",
        ["web_search_options"] = "nothing is searched for",
    };

    /// <summary>Reads the request.</summary>
    /// <param name="fields">Its fields, of which the model's name is taken already.</param>
    /// <param name="options">The bounds.</param>
    /// <param name="usualTokens">The most tokens of an answer whose request does not say; <see langword="null"/> for the client's own number.</param>
    /// <exception cref="ApiException">It asks for something that is not done, or is malformed.</exception>
    public static ChatCall Read(RequestFields fields, ChatEndpointOptions options, int? usualTokens)
    {
        IReadOnlyList<JsonElement> messages = fields.List("messages", options.MaxMessages) ?? throw Faults.Missing("messages");
        if (messages.Count == 0)
            throw Faults.Invalid("messages", "'messages' is empty; there is nothing to answer.", "empty_array");
        ChatOptions chat = new();
        SamplingFields.Read(fields, chat, options.MaxAnswerTokens, usualTokens, "max_completion_tokens", "max_tokens");
        ToolFields.Read(fields, chat);
        chat.AdditionalProperties = TemplateFields.Read(fields);
        int? topLogProbs = TopLogProbs(fields);
        if (topLogProbs is not null)
            (chat.AdditionalProperties ??= [])[GenerationOptions.TopLogProbsProperty] = topLogProbs;
        RequestFields? format = fields.Object("response_format");
        format?.Accept("type", value => HabitualFields.Is(value, "text"), "JSON cannot be promised here, so say 'text' or leave it out");
        format?.RefuseRest();
        fields.Accept("modalities", value => value.ValueKind == JsonValueKind.Array && value.EnumerateArray().All(entry => HabitualFields.Is(entry, "text"))
            && value.GetArrayLength() == 1, "answers are text");
        fields.Accept("verbosity", value => HabitualFields.Is(value, "medium"), "a model is not told how much to say; write it into a message");
        HabitualFields.Accept(fields);
        AnswerForm form = AnswerForm.Read(fields, topLogProbs);
        fields.RefuseRest(s_refused);
        return new ChatCall(MessageReader.Read(messages), chat, form);
    }

    private static int? TopLogProbs(RequestFields fields)
    {
        bool wanted = fields.Flag("logprobs") ?? false;
        int? top = (int?)fields.Integer("top_logprobs", 0, MostTopLogProbs);
        if (top is not null && !wanted)
            throw Faults.Invalid("top_logprobs", "'top_logprobs' is only for requests with 'logprobs': true.");
        return wanted ? top ?? 0 : null;
    }
}
