using System.Text.Json;
using Microsoft.Extensions.AI;
using MiniMind.MLNet.Dpo.AspNetCore.Responses;

namespace MiniMind.MLNet.Dpo.AspNetCore.Requests;

/// <summary>Reads a request for what goes on with a text: every field acts, changes nothing in the value that it has, or is refused by its name.</summary>
internal static class CompletionFields
{
    private const int MostTopLogProbs = 20;

    /// <summary>OpenAI's number of tokens where a request does not say.</summary>
    private const int UsualTokens = 16;

    private static readonly Dictionary<string, string> s_refused = new()
    {
        ["suffix"] = "text goes on at its end only",
    };

    /// <summary>Reads the request.</summary>
    /// <param name="fields">Its fields, of which the model's name is taken already.</param>
    /// <param name="options">The bounds.</param>
    /// <param name="basis">The model's own options, where a request says nothing.</param>
    /// <exception cref="ApiException">It asks for something that is not done, or is malformed.</exception>
    public static CompletionCall Read(RequestFields fields, ChatEndpointOptions options, GenerationOptions basis)
    {
        string prompt = Prompt(fields);
        ChatOptions chat = new();
        int usual = Math.Min(UsualTokens, options.MaxAnswerTokens ?? UsualTokens);
        SamplingFields.Read(fields, chat, options.MaxAnswerTokens, usual, "max_tokens");
        int? top = (int?)fields.Integer("logprobs", 0, MostTopLogProbs);
        GenerationOptions generation = basis with { WithoutTemplate = true, TopLogProbs = top };
        chat.RawRepresentationFactory = _ => generation;
        bool echoes = fields.Flag("echo") ?? false;
        if (echoes && top is not null)
            throw Faults.Unsupported("echo", "'echo' with 'logprobs' is not done here: the prompt's tokens have none.");
        fields.Accept("best_of", value => value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out long number) && number == 1,
            "a request has one answer, and that is the best");
        HabitualFields.Accept(fields);
        AnswerForm form = AnswerForm.Read(fields, top);
        fields.RefuseRest(s_refused);
        return new CompletionCall(prompt, echoes, chat, form);
    }

    private static string Prompt(RequestFields fields)
    {
        if (fields.Take("prompt") is not { } prompt)
            throw Faults.Missing("prompt");
        if (prompt.ValueKind == JsonValueKind.Array)
        {
            if (prompt.GetArrayLength() != 1 || prompt[0].ValueKind != JsonValueKind.String)
            {
                throw Faults.Unsupported("prompt",
                    "'prompt' is a list; it must be one string, or a list of one: several texts, and ids of tokens, are not done.");
            }
            prompt = prompt[0];
        }
        if (prompt.ValueKind != JsonValueKind.String)
            throw RequestFields.WrongKind("prompt", "a string", prompt);
        string text = prompt.GetString()!;
        return text.Length > 0 ? text : throw Faults.Invalid("prompt", "'prompt' is empty; there is nothing to go on with.");
    }
}
