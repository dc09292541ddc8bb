using System.Text;

namespace MiniMind.MLNet.Dpo.ChatTemplates;

/// <summary>Text being rendered, refused once it grows past its bound; captured text also counts as memory used on the way.</summary>
internal sealed class TextBuffer
{
    private readonly RenderContext _context;
    private readonly bool _captured;
    private readonly StringBuilder _text = new();

    public TextBuffer(RenderContext context, bool captured)
    {
        _context = context;
        _captured = captured;
    }

    public int Length => _text.Length;

    public void Append(string text)
    {
        Account(text.Length);
        _text.Append(text);
    }

    public void Append(char character)
    {
        Account(1);
        _text.Append(character);
    }

    public override string ToString() => _text.ToString();

    private void Account(int characters)
    {
        _context.RequireLength((long)_text.Length + characters);
        if (_captured)
            _context.ChargeBytes(2L * characters);
    }
}
