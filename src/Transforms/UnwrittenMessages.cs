using System.Text.Json;
using System.Text.RegularExpressions;

namespace MiniMind.MLNet.Dpo.Transforms;

/// <summary>Finds messages that a template leaves out of the text without a word.</summary>
/// <remarks>
/// Looked at are a developer's messages: many templates know no such role and write nothing for it, so that a model would be trained without its instructions.
/// A template may change white space and the case of letters, but not write none of the words.
/// </remarks>
internal static partial class UnwrittenMessages
{
    private const string Developer = "developer";

    /// <summary>Checks that a text holds what its developer's messages say.</summary>
    /// <exception cref="InvalidDataException">It does not.</exception>
    public static void Check(string messagesJson, string text)
    {
        if (!messagesJson.Contains($"\"{Developer}\"", StringComparison.Ordinal))
            return;
        using JsonDocument document = JsonDocument.Parse(messagesJson);
        int number = 0;
        foreach (JsonElement message in document.RootElement.EnumerateArray())
        {
            number++;
            if (message.ValueKind != JsonValueKind.Object || !Is(message, "role", out string? role) || role != Developer
                || !Is(message, "content", out string? content))
            {
                continue;
            }

            if (text.Contains(content!.Trim(), StringComparison.Ordinal)
                || Words().Matches(content).All(word => text.Contains(word.Value, StringComparison.OrdinalIgnoreCase)))
            {
                continue;
            }

            throw new InvalidDataException(
                $"message {number} has the role '{Developer}', and the chat template writes nothing of it, so that its instructions would be lost; give it " +
                    "the role 'system', if the template knows that, or leave it out");
        }
    }

    private static bool Is(JsonElement message, string key, out string? value)
    {
        value = message.TryGetProperty(key, out JsonElement element) && element.ValueKind == JsonValueKind.String ? element.GetString() : null;
        return value is not null;
    }

    [GeneratedRegex(@"\p{L}+", RegexOptions.CultureInvariant)]
    private static partial Regex Words();
}
