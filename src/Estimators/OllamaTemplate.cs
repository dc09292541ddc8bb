using System.Globalization;
using System.Text;
using System.Text.Json;
using MiniMind.MLNet.Dpo.Tokenization;

namespace MiniMind.MLNet.Dpo.Estimators;

/// <summary>A chat template of Jinja as one of Ollama's, where it writes fixed texts around contents, such as ChatML.</summary>
/// <remarks>The texts are read off rendered conversations, put together again, and compared with what the template itself renders.</remarks>
internal sealed class OllamaTemplate
{
    private static readonly string[] s_conversations = ["u", "uau", "uauau", "uu", "su", "suau", "suauau"];

    private readonly Dictionary<char, (string Before, string Behind)> _roles = [];
    private readonly string _first;
    private readonly string _prompt;

    private OllamaTemplate(ChatTemplate template)
    {
        string[] plain = Pieces(template, "uau") ?? throw Unfit("it does not render a user's message, an answer and a user's message");
        string[]? withSystem = Pieces(template, "su");
        string user = CommonEnd(plain[0], plain[2]);
        if (withSystem is not null)
            user = CommonEnd(user, withSystem[1]);
        // two messages of a user show where the first one ends; an answer's header may be the same as what asks for one
        string behindUser = CommonStart(plain[1], plain[3]);
        if (Pieces(template, "uu") is { } twice && twice[1].EndsWith(user, StringComparison.Ordinal)
            && behindUser.StartsWith(twice[1][..^user.Length], StringComparison.Ordinal))
        {
            behindUser = twice[1][..^user.Length];
        }

        _first = plain[0][..^user.Length];
        _prompt = plain[3][behindUser.Length..];
        _roles['u'] = (user, behindUser);
        _roles['a'] = (plain[1][behindUser.Length..], plain[2][..^user.Length]);
        if (withSystem is not null)
            _roles['s'] = (withSystem[0], withSystem[1][..^user.Length]);
        foreach (string roles in s_conversations.Where(roles => roles[0] == 'u' || withSystem is not null))
        {
            if (Render(template, roles) is not { } wanted || wanted == Assembled(roles))
                continue;
            string shown = string.Join(", ", roles.Select(NameOf));
            throw Unfit($"what it writes around a message depends on more than the message's role (shown by the roles {shown})");
        }
    }

    /// <summary>The template in Ollama's language, which is that of Go.</summary>
    /// <exception cref="NotSupportedException">The template does more than write fixed texts around contents.</exception>
    public static string Of(ChatTemplate template) => new OllamaTemplate(template).ToString();

    /// <inheritdoc/>
    public override string ToString()
    {
        StringBuilder text = new();
        string first = Literal(_first);
        if (first.Length > 0 && _roles.ContainsKey('s'))
            first = $$$"""{{ if and .Messages (ne (index .Messages 0).Role "system") }}{{{first}}}{{ end }}""";
        text.Append(first);
        text.Append("{{ range .Messages }}");
        string choice = "if";
        foreach (char role in "sua".Where(_roles.ContainsKey))
        {
            (string before, string behind) = _roles[role];
            text.Append($$$"""{{ {{{choice}}} eq .Role "{{{NameOf(role)}}}" }}{{{Literal(before)}}}{{ .Content }}{{{Literal(behind)}}}""");
            choice = "else if";
        }
        return text.Append("{{ end }}{{ end }}").Append(Literal(_prompt)).ToString();
    }

    private string Assembled(string roles)
    {
        StringBuilder text = new(roles[0] == 's' ? "" : _first);
        for (int i = 0; i < roles.Length; i++)
            text.Append(_roles[roles[i]].Before).Append(Content(i)).Append(_roles[roles[i]].Behind);
        return text.Append(_prompt).ToString();
    }

    /// <summary>The texts before, between and behind the contents.</summary>
    private static string[]? Pieces(ChatTemplate template, string roles)
    {
        if (Render(template, roles) is not { } text)
            return null;
        List<string> pieces = new();
        int from = 0;
        for (int i = 0; i < roles.Length; i++)
        {
            int at = text.IndexOf(Content(i), from, StringComparison.Ordinal);
            if (at < 0)
                return null;
            pieces.Add(text[from..at]);
            from = at + Content(i).Length;
        }
        return [.. pieces, text[from..]];
    }

    private static string? Render(ChatTemplate template, string roles)
    {
        var messages = roles.Select((role, i) => new { role = NameOf(role), content = Content(i) });
        try
        {
            return template.Render(JsonSerializer.Serialize(messages), new ChatTemplateOptions { AddGenerationPrompt = true });
        }
        catch (ChatTemplateException)
        {
            return null; // some templates refuse system messages
        }
    }

    private static string NameOf(char role) => role switch { 's' => "system", 'u' => "user", _ => "assistant" };

    private static string Content(int index) => string.Create(CultureInfo.InvariantCulture, $"Qj{(char)('A' + index)}xWv7z");

    private static string CommonStart(string one, string other) => one[..one.AsSpan().CommonPrefixLength(other)];

    private static string CommonEnd(string one, string other)
    {
        int length = 0;
        while (length < Math.Min(one.Length, other.Length) && one[^(length + 1)] == other[^(length + 1)])
            length++;
        return one[^length..];
    }

    /// <summary>A text that Go's templates write as it stands, whatever is in it.</summary>
    private static string Literal(string text)
    {
        if (text.Length == 0)
            return "";
        StringBuilder quoted = new("{{ \"");
        foreach (char character in text)
        {
            bool isPlain = character is not ('"' or '\\' or '{' or '}') && !char.IsControl(character);
            quoted.Append(isPlain ? character.ToString() : string.Create(CultureInfo.InvariantCulture, $"\\u{(int)character:x4}"));
        }
        return quoted.Append("\" }}").ToString();
    }

    private static NotSupportedException Unfit(string why) => new(
        $"The chat template cannot be written as Ollama's: {why}. "
        + $"Write the GGUF file without {nameof(GgufOptions.WriteModelfile)}; llama.cpp reads the template itself.");
}
