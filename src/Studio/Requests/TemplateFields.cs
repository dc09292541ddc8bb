using System.Text.Json;
using Microsoft.Extensions.AI;
using MiniMind.MLNet.Dpo.AspNetCore.Responses;

namespace MiniMind.MLNet.Dpo.AspNetCore.Requests;

/// <summary>The fields that are variables of the model's chat template: not OpenAI's, but what servers of open models take.</summary>
internal static class TemplateFields
{
    private const string OpenThinking = "open_thinking";

    /// <summary>Takes them; <see langword="null"/> where there are none.</summary>
    /// <exception cref="ApiException">They are malformed, or say something twice.</exception>
    public static AdditionalPropertiesDictionary? Read(RequestFields fields)
    {
        AdditionalPropertiesDictionary variables = [];
        if (fields.Take("chat_template_kwargs") is { } given)
        {
            if (given.ValueKind != JsonValueKind.Object)
                throw RequestFields.WrongKind("chat_template_kwargs", "an object", given);
            foreach (JsonProperty variable in given.EnumerateObject())
            {
                string name = variable.Name, path = $"chat_template_kwargs.{Faults.Shortened(name)}";
                if (name == GenerationOptions.TopLogProbsProperty)
                    throw Faults.Invalid(path, $"'{path}' is a field of the request itself, and no variable of a template.");
                variables[name] = variable.Value.ValueKind switch
                {
                    JsonValueKind.String => variable.Value.GetString()!,
                    JsonValueKind.True or JsonValueKind.False => variable.Value.GetBoolean(),
                    JsonValueKind.Null => null,
                    JsonValueKind.Number when variable.Value.TryGetInt64(out long whole) => whole,
                    JsonValueKind.Number when double.IsFinite(variable.Value.GetDouble()) => variable.Value.GetDouble(),
                    _ => throw RequestFields.WrongKind(path, "a string, a finite number, true, false or null", variable.Value),
                };
            }
        }
        if (fields.Flag(OpenThinking) is { } thinks && !variables.TryAdd(OpenThinking, thinks))
            throw Faults.Invalid(OpenThinking, "'open_thinking' is in 'chat_template_kwargs' too; give it once.");
        return variables.Count == 0 ? null : variables;
    }
}
