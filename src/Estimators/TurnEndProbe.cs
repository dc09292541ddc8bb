using System.Text.Json;
using MiniMind.MLNet.Dpo.Generation;
using MiniMind.MLNet.Dpo.Modeling;
using MiniMind.MLNet.Dpo.Tokenization;

namespace MiniMind.MLNet.Dpo.Estimators;

/// <summary>Finds what ends a model's answers: the ids that its files name, and what its chat template writes behind an assistant's message.</summary>
/// <remarks>
/// The template is shown conversations whose contents are recognizable. Behind an answer the first special token ends the turn, or else the first added one, be
/// it the next message's header. Where there is neither, the text does, up to the next message's content, if it is long enough to be told from what an answer
/// can hold.
/// </remarks>
internal static class TurnEndProbe
{
    private const string Asking = "QjAxWv7z", Answering = "QjBxWv7z", Next = "QjCxWv7z", System = "QjSxWv7z";
    private const int LeastText = 3;

    /// <summary>What ends answers.</summary>
    public static AnswerEnds Find(ModelConfig config, ModelOrigin origin, HuggingFaceTokenizer tokenizer, ChatTemplate template)
    {
        HashSet<int> ids = [.. config.EosTokenIds ?? [], .. origin.Generation?.EosTokenIds ?? []];
        ids.UnionWith(new[] { config.EosTokenId, tokenizer.EosTokenId }.OfType<int>());
        HashSet<string> texts = [.. origin.Generation?.StopStrings ?? []];
        List<string> written = [];
        foreach (string behind in Behind(template))
        {
            int[] tokens = tokenizer.Encode(behind, addSpecialTokens: false);
            int end = Array.FindIndex(tokens, tokenizer.IsSpecial);
            if (end < 0)
                end = Array.FindIndex(tokens, tokenizer.IsAdded);
            if (end >= 0)
                ids.Add(tokens[end]);
            else if (behind.Count(character => !char.IsWhiteSpace(character)) >= LeastText)
                written.Add(behind.TrimEnd());
        }
        texts.UnionWith(written.Where(text => !written.Exists(other => other.Length < text.Length && text.StartsWith(other, StringComparison.Ordinal))));
        return new AnswerEnds(ids, [.. texts]);
    }

    /// <summary>What the template writes behind an answer, up to the next content or the end of the text.</summary>
    private static IEnumerable<string> Behind(ChatTemplate template)
    {
        foreach (string roles in (string[])["ua", "uau", "sua", "suau"])
        {
            if (Render(template, roles) is not { } text)
                continue;
            int answer = text.IndexOf(Answering, StringComparison.Ordinal);
            if (answer < 0 || answer != text.LastIndexOf(Answering, StringComparison.Ordinal))
                continue;
            string behind = text[(answer + Answering.Length)..];
            int next = roles[^1] == 'u' ? behind.IndexOf(Next, StringComparison.Ordinal) : behind.Length;
            if (next > 0)
                yield return behind[..next];
        }
    }

    private static string? Render(ChatTemplate template, string roles)
    {
        int asked = 0;
        var messages = roles.Select(role => role switch
        {
            's' => new { role = "system", content = System },
            'u' => new { role = "user", content = asked++ == 0 ? Asking : Next },
            _ => new { role = "assistant", content = Answering },
        });
        try
        {
            return template.Render(JsonSerializer.Serialize(messages));
        }
        catch (ChatTemplateException)
        {
            return null; // some templates refuse system messages
        }
    }
}
