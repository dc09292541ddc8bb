using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.AI;
using MiniMind.MLNet.Dpo.AspNetCore.Responses;
using MiniMind.MLNet.Dpo.Tokenization;

namespace MiniMind.MLNet.Dpo.AspNetCore.Serving;

/// <summary>What the caller is told of a fault of the chat client.</summary>
internal static class ClientFaults
{
    // the client's names of options, and those of the fields that they come from
    private static readonly Dictionary<string, string> s_fields = new()
    {
        [nameof(ChatOptions.AdditionalProperties)] = "chat_template_kwargs",
        [nameof(ChatOptions.AllowMultipleToolCalls)] = "parallel_tool_calls",
        [nameof(ChatOptions.MaxOutputTokens)] = "max_completion_tokens",
        [nameof(ChatOptions.Seed)] = "seed",
        [nameof(ChatOptions.StopSequences)] = "stop",
        [nameof(ChatOptions.Temperature)] = "temperature",
        [nameof(ChatOptions.ToolMode)] = "tool_choice",
        [nameof(ChatOptions.Tools)] = "tools",
        [nameof(ChatOptions.TopP)] = "top_p",
    };

    /// <summary>The error; <see langword="null"/> where the fault is none of the request's, so that the log says what it was.</summary>
    public static ApiException? Of(Exception fault) => fault switch
    {
        ApiException known => known,
        ContextLengthException tooLong => Faults.Invalid("messages", tooLong.Message, "context_length_exceeded"),
        UnsupportedChatOptionException option => Faults.Unsupported(s_fields.GetValueOrDefault(option.OptionNames[0], option.OptionNames[0]), option.Message),
        NotSupportedException or ChatTemplateException => Faults.Unsupported("messages", fault.Message),
        ArgumentException => Faults.Invalid("messages", fault.Message),
        NotFiniteNumberException => Faults.ModelFails("The model's numbers are not finite, so that it answers nothing: its weights are at fault."),
        ObjectDisposedException => Faults.ModelGone(),
        TooManyRequestsException => Faults.TooMany(),
        BadHttpRequestException bad => Faults.Unreadable("The request is malformed.", bad.StatusCode, "invalid_request"),
        _ => null,
    };
}
