using System.Text.Json;
using Microsoft.Extensions.AI;
using Microsoft.ML;
using Microsoft.ML.Data;
using MiniMind.MLNet.Dpo.Data;

namespace MiniMind.MLNet.Dpo.Tool.Judging;

/// <summary>The prompts of preference pairs.</summary>
internal static class JudgedPrompts
{
    private const string Role = "role", Content = "content";

    private static readonly string[] s_roles = [ChatRole.System.Value, "developer", ChatRole.User.Value, ChatRole.Assistant.Value];

    // what says how a message is trained on, and nothing to a model
    private static readonly string[] s_ofTraining = ["weight", "train", "training", "loss"];

    /// <summary>Reads them: what both sides of a pair have in common, up to the last thing that the user says; each once.</summary>
    /// <param name="pairs">The pairs.</param>
    /// <param name="reading">How they were read.</param>
    /// <param name="limit">The most prompts; <see langword="null"/> for all.</param>
    /// <exception cref="InvalidDataException">There is none, or one has what cannot be asked for in words.</exception>
    public static IReadOnlyList<JudgedPrompt> Of(IDataView pairs, PreferenceFileOptions reading, int? limit)
    {
        Dictionary<string, JudgedPrompt> prompts = [];
        foreach ((string chosen, string rejected, long line) in pairs.GetColumn<string>(reading.ChosenColumnName)
            .Zip(pairs.GetColumn<string>(reading.RejectedColumnName), pairs.GetColumn<long>(reading.LineNumberColumnName)))
        {
            JudgedPrompt prompt = Of(chosen, rejected, line);
            prompts.TryAdd(prompt.Text, prompt);
            if (prompts.Count == limit)
                break;
        }
        return prompts.Count > 0 ? [.. prompts.Values] : throw new InvalidDataException("The data has no pair, so that there is no prompt to answer.");
    }

    /// <summary>The prompt of a pair.</summary>
    /// <param name="chosen">One conversation, a JSON list of messages.</param>
    /// <param name="rejected">The other one.</param>
    /// <param name="line">Where it stands.</param>
    public static JudgedPrompt Of(string chosen, string rejected, long line)
    {
        using JsonDocument first = JsonDocument.Parse(chosen), second = JsonDocument.Parse(rejected);
        JsonElement[] shared = [.. first.RootElement.EnumerateArray().Zip(second.RootElement.EnumerateArray())
            .TakeWhile(pair => JsonElement.DeepEquals(pair.First, pair.Second)).Select(pair => pair.First)];
        int length = Array.FindLastIndex(shared, message => message.GetProperty(Role).ValueEquals(ChatRole.User.Value)) + 1;
        if (length == 0)
            throw new InvalidDataException($"Line {line}: the pair's sides have nothing in common that a user says, so that there is no prompt to answer.");
        ChatMessage[] messages = [.. shared[..length].Select(message => MessageOf(message, line))];
        string text = messages.Length == 1 ? messages[0].Text : string.Join("\n\n", messages.Select(message => $"{message.Role.Value}:\n{message.Text}"));
        return new JudgedPrompt(line, text, messages);
    }

    private static ChatMessage MessageOf(JsonElement message, long line)
    {
        string role = message.GetProperty(Role).GetString()!;
        if (!s_roles.Contains(role))
            throw Refused(line, $"a message of the role '{role}'");
        foreach (JsonProperty field in message.EnumerateObject().Where(field => field.Name is not (Role or Content) && !s_ofTraining.Contains(field.Name)))
        {
            if (!IsEmpty(field.Value))
                throw Refused(line, $"'{field.Name}' in a message");
        }
        return message.TryGetProperty(Content, out JsonElement content) && content.ValueKind == JsonValueKind.String
            ? new ChatMessage(new ChatRole(role), content.GetString()) : throw Refused(line, "a message whose content is no text");
    }

    private static bool IsEmpty(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null or JsonValueKind.False => true,
        JsonValueKind.Array => value.GetArrayLength() == 0,
        JsonValueKind.String => value.GetString()!.Length == 0,
        _ => false,
    };

    private static InvalidDataException Refused(long line, string what) =>
        new($"Line {line}: the prompt has {what}, which answers that are compared cannot be given with; leave the row out.");
}
