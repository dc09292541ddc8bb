using MiniMind.MLNet.Dpo.Tokenization;

namespace MiniMind.MLNet.Dpo.Transforms.Masking;

/// <summary>Writes a conversation with a chat template.</summary>
/// <param name="messagesJson">The messages, a JSON list.</param>
/// <param name="addGenerationPrompt">Whether the text ends with what asks the model for an answer.</param>
/// <param name="toolsJson">The tools, a JSON list; <see langword="null"/> for none but the template's own.</param>
/// <returns><see langword="null"/> where the template refuses such a conversation.</returns>
internal delegate RenderedChat? ConversationRenderer(string messagesJson, bool addGenerationPrompt, string? toolsJson = null);
