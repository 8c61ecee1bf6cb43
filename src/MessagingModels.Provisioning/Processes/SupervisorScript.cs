namespace MessagingModels.Provisioning.Processes;

/// <summary>
/// The shell that the broker processes are children of. It reads commands from its standard input, whose other end only this process holds: however
/// this process ends, SIGKILL included, the shell then reads the end of its input, kills what it started, waits for it, and removes the directory.
/// </summary>
/// <remarks>
/// In the directory, <c>NAME/run</c> is the script of each process and must end in exec, so that its process is the broker's. <c>NAME/running</c> is
/// there from before the start until the process is gone, <c>NAME/pid</c> says which it is. Answers on standard output: <c>started NAME PID</c>,
/// <c>exited NAME CODE</c>. INT and HUP are ignored: a terminal sends them to the whole group, and what to do then is decided by the process at the
/// other end of the pipe, which dies or disposes.
/// </remarks>
internal static class SupervisorScript
{
    public const string Text = """
        directory=$1
        grace=$2
        exec 2>>"$directory/logs/supervisor.log"
        trap '' HUP INT QUIT
        trap 'finish; exit 1' TERM

        run() {
            : >"$directory/$1/running"
            (
                sh "$directory/$1/run" </dev/null >>"$directory/logs/$1.log" 2>&1 &
                pid=$!
                echo "$pid" >"$directory/$1/pid"
                echo "started $1 $pid"
                wait "$pid"
                code=$?
                rm -f "$directory/$1/pid" "$directory/$1/running"
                echo "exited $1 $code"
            ) </dev/null &
        }

        is() { read -r pid <"$directory/$1/pid" && [ "$pid" = "$2" ]; }

        end() {
            read -r pid <"$directory/$1/pid" && kill -KILL "$pid"
        }

        # Waits until a process that was just started has a number, or is gone.
        settle() {
            left=200
            until read -r pid <"$directory/$1/pid" || [ ! -f "$directory/$1/running" ] || [ "$left" -eq 0 ]; do sleep 0.05; left=$((left - 1)); done
        }

        stop() {
            settle "$1"
            read -r victim <"$directory/$1/pid" && kill -TERM "$victim" || return
            left=$((grace * 10))
            while is "$1" "$victim" && [ "$left" -gt 0 ]; do sleep 0.1; left=$((left - 1)); done
            is "$1" "$victim" && kill -KILL "$victim"
        }

        finish() {
            left=600
            while ls "$directory"/*/running >/dev/null && [ "$left" -gt 0 ]; do
                for file in "$directory"/*/running; do
                    name=${file%/running}
                    end "${name##*/}"
                done
                sleep 0.05
                left=$((left - 1))
            done
            rm -rf "$directory" || { sleep 1; rm -rf "$directory"; }
        }

        while read -r command name; do
            case $command in
                start) run "$name" ;;
                stop) stop "$name" >/dev/null & ;;
                kill) settle "$name"; end "$name" ;;
            esac
        done
        finish
        exit 0
        """;
}
