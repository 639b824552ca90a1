#include <pthread.h>
#include <semaphore.h>

#include "CBenchmarkFloors.h"

typedef struct exchange {
  sem_t asked, answered;
  int64_t count;
} exchange;

static void *answer(void *context) {
  exchange *e = context;
  for (int64_t i = 0; i < e->count; i++) {
    while (sem_wait(&e->asked) != 0) {}
    sem_post(&e->answered);
  }
  return NULL;
}

bool floor_thread_round_trip(int64_t count) {
  exchange e = {.count = count};
  pthread_t thread;
  if (sem_init(&e.asked, 0, 0) != 0 || sem_init(&e.answered, 0, 0) != 0) return false;
  bool started = pthread_create(&thread, NULL, answer, &e) == 0;
  for (int64_t i = 0; started && i < count; i++) {
    sem_post(&e.asked);
    while (sem_wait(&e.answered) != 0) {}
  }
  if (started) pthread_join(thread, NULL);
  sem_destroy(&e.asked);
  sem_destroy(&e.answered);
  return started;
}
