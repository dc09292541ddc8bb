namespace MiniMind.MLNet.Dpo.Generation;

/// <summary>Finds where the first JSON object or list of a text ends, character by character as it comes.</summary>
internal sealed class JsonEnd
{
    private int _depth;
    private bool _isText, _isEscaped;

    /// <summary>How many characters have been read.</summary>
    public int Read { get; private set; }

    /// <summary>Where the value begins; negative before it does.</summary>
    public int Start { get; private set; } = -1;

    /// <summary>Behind the value's last character; negative while it goes on.</summary>
    public int End { get; private set; } = -1;

    /// <summary>Whether what has come is no JSON, or begins with neither an object nor a list.</summary>
    public bool IsBroken { get; private set; }

    /// <summary>Reads on where it stopped, up to the value's end.</summary>
    /// <param name="text">All of the text so far.</param>
    public void Continue(ReadOnlySpan<char> text)
    {
        for (; Read < text.Length && End < 0 && !IsBroken; Read++)
            Next(text[Read]);
    }

    private void Next(char character)
    {
        if (_isText)
        {
            Within(character);
            return;
        }
        switch (character)
        {
            case ' ' or '\t' or '\r' or '\n':
                return;
            case '{' or '[':
                Start = _depth++ == 0 ? Read : Start;
                return;
            case '}' or ']' when _depth > 0:
                if (--_depth == 0)
                    End = Read + 1;
                return;
            case '"' when _depth > 0:
                _isText = true;
                return;
        }
        // what else stands outside of texts: colons, commas, numbers, true, false, null
        IsBroken = _depth == 0 || !(char.IsAsciiLetterOrDigit(character) || character is ':' or ',' or '.' or '+' or '-');
    }

    private void Within(char character)
    {
        IsBroken = character < ' '; // line ends stand in texts as \n
        _isText = _isEscaped || character != '"';
        _isEscaped = !_isEscaped && character == '\\';
    }
}
