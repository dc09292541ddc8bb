using System.Text;
using MiniMind.MLNet.Dpo.Tokenization;

namespace MiniMind.MLNet.Dpo.Estimators;

/// <summary>Ollama's <c>Modelfile</c>: where the weights are, how a conversation is written, and what ends an answer.</summary>
internal static class OllamaModelfile
{
    /// <summary>The file's name.</summary>
    public const string FileName = "Modelfile";

    private const string Quotes = "\"\"\"";

    /// <summary>The text of the file.</summary>
    /// <param name="weights">The name of the GGUF file in the same folder.</param>
    /// <param name="template">The model's chat template.</param>
    /// <param name="stops">Every text that ends an answer.</param>
    /// <exception cref="NotSupportedException">Something of it cannot be said there.</exception>
    public static string Of(string weights, ChatTemplate template, IEnumerable<string> stops)
    {
        if (weights.Any(char.IsControl))
            throw new NotSupportedException($"A Modelfile cannot name a file with control characters: '{weights}'.");
        StringBuilder text = new();
        text.Append("FROM ./").Append(weights).Append('\n');
        text.Append("TEMPLATE ").Append(Quotes).Append(OllamaTemplate.Of(template)).Append(Quotes).Append('\n');
        foreach (string stop in stops.Distinct())
            text.Append("PARAMETER stop ").Append(Quoted(stop)).Append('\n');
        return text.ToString();
    }

    private static string Quoted(string text)
    {
        if (text.Contains('"') && (text.Contains(Quotes, StringComparison.Ordinal) || text.EndsWith('"')))
            throw new NotSupportedException($"A Modelfile cannot hold the stop text '{text}'.");
        return text.Contains('"') || text.Contains('\n') ? Quotes + text + Quotes : $"\"{text}\"";
    }
}
