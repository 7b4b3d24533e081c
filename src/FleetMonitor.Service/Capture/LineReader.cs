namespace FleetMonitor.Service.Capture;

/// <summary>Cuts a stream into lines, of bounded length, in a buffer that is used again for the next one.</summary>
internal sealed class LineReader(Stream stream, int longest)
{
    private byte[] _buffer = new byte[128 * 1024];
    private int _start;
    private int _end;
    private bool _atEnd;

    /// <summary>The line that was read last ends with the stream and not with a line feed: whoever wrote it may not have come to its end.</summary>
    public bool IsOpenEnded { get; private set; }

    /// <summary>False at the end of the stream.</summary>
    /// <param name="line">Without its end; valid until the next call; empty where it was too long.</param>
    public bool TryRead(out ReadOnlyMemory<byte> line, out bool isTooLong)
    {
        isTooLong = false;
        int searched = 0;
        while (true)
        {
            int length = _buffer.AsSpan(_start + searched, _end - _start - searched).IndexOf((byte)'\n');
            if (length >= 0)
            {
                length += searched;
                line = isTooLong ? default : _buffer.AsMemory(_start, length);
                _start += length + 1;
                IsOpenEnded = false;
                return true;
            }

            if (_atEnd)
            {
                line = isTooLong ? default : _buffer.AsMemory(_start, _end - _start);
                bool any = _end > _start || isTooLong;
                IsOpenEnded = true;
                _start = _end;
                return any;
            }

            if (_end - _start > longest)
            {
                isTooLong = true;
                _start = _end;
            }

            searched = _end - _start;
            Fill();
        }
    }

    private void Fill()
    {
        if (_start > 0)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            (_start, _end) = (0, _end - _start);
        }

        if (_end == _buffer.Length)
        {
            Array.Resize(ref _buffer, _buffer.Length * 2);
        }

        int read = stream.Read(_buffer, _end, _buffer.Length - _end);
        _atEnd = read == 0;
        _end += read;
    }
}
